# Everything here is a Debian 12 package; docs/dependencies.md says why each is there.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
find_path(EARSHOT_TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
find_path(EARSHOT_UNISTRING_INCLUDE uninorm.h REQUIRED)
find_library(EARSHOT_UNISTRING_LIBRARY unistring REQUIRED)

# libipsec-mb exists for x86-64 only; elsewhere OpenSSL's EVP protects the packets.
find_path(EARSHOT_IPSEC_MB_INCLUDE intel-ipsec-mb.h)
find_library(EARSHOT_IPSEC_MB_LIBRARY IPSec_MB)
if(EARSHOT_IPSEC_MB_INCLUDE AND EARSHOT_IPSEC_MB_LIBRARY)
  set(EARSHOT_HAVE_IPSEC_MB ON)
endif()

# The terminal client: sound and the screen.
pkg_check_modules(OPUS REQUIRED IMPORTED_TARGET opus)
pkg_check_modules(SPEEXDSP REQUIRED IMPORTED_TARGET speexdsp)
pkg_check_modules(AUDIO_PROCESSING REQUIRED IMPORTED_TARGET webrtc-audio-processing)
pkg_check_modules(NCURSES REQUIRED IMPORTED_TARGET ncursesw)
find_library(EARSHOT_CUBEB_LIBRARY cubeb REQUIRED)
