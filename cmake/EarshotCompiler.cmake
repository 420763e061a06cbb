# One place for every flag: what we warn about, what stays on in release, how ccache is used.
find_program(EARSHOT_CCACHE ccache)
if(EARSHOT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the checkout, so that two checkouts of the same text share one cache.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${EARSHOT_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(earshot_flags INTERFACE)
target_include_directories(earshot_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
target_compile_options(earshot_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wno-missing-field-initializers -fno-strict-aliasing -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees uninitialised members in moved std::variants that hold none.
  target_compile_options(earshot_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # clang 19 finds g++ 12's own algorithms using what that library calls deprecated.
  target_compile_options(earshot_flags INTERFACE -Wno-deprecated-declarations)
endif()
target_compile_definitions(earshot_flags INTERFACE _GLIBCXX_ASSERTIONS EARSHOT_VERSION="${PROJECT_VERSION}")
if(NOT EARSHOT_SANITIZE)
  target_compile_options(earshot_flags INTERFACE -fPIE)
  target_link_options(earshot_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(earshot_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
if(EARSHOT_SANITIZE)
  target_compile_options(earshot_flags INTERFACE -fsanitize=${EARSHOT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(earshot_flags INTERFACE -fsanitize=${EARSHOT_SANITIZE})
endif()
if(EARSHOT_SANITIZE STREQUAL "thread")
  # Asio has fences that this sanitizer does not see; its queues are guarded by mutexes that it does.
  target_compile_options(earshot_flags INTERFACE -Wno-tsan)
endif()
if(EARSHOT_FUZZ)
  target_compile_options(earshot_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
