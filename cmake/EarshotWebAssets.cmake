# earshot_web_assets(TARGET): a library that holds the files of EARSHOT_WEB_DIST, each with its .br and .gz beside it when they
# exist. A page that says so stands in when the folder is missing. A change of the folder runs CMake again.
function(earshot_web_assets target)
  set(types "html=text/html" "js=text/javascript" "mjs=text/javascript" "css=text/css" "json=application/json" "webmanifest=application/manifest+json"
    "svg=image/svg+xml" "png=image/png" "webp=image/webp" "ico=image/x-icon" "woff2=font/woff2" "wasm=application/wasm" "txt=text/plain" "mp3=audio/mpeg" "ogg=audio/ogg")
  set(dist ${EARSHOT_WEB_DIST})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${dist}/*)
  set(fallback ${CMAKE_BINARY_DIR}/generated/no_web_client)
  if(NOT EXISTS ${dist}/index.html)
    file(CONFIGURE OUTPUT ${fallback}/index.html @ONLY CONTENT "<!doctype html>
<html lang=\"en\"><meta charset=\"utf-8\"><title>Earshot</title>
<p>This earshotd was built without the web client. The other ways in work.</p>
</html>
")
    set(dist ${fallback})
    set(files ${fallback}/index.html)
  endif()
  set(data "")
  set(rows "")
  set(number 0)
  list(SORT files)
  foreach(file ${files})
    if(file MATCHES "\\.(br|gz|map)$")
      continue()
    endif()
    file(RELATIVE_PATH path ${dist} ${file})
    get_filename_component(extension ${file} LAST_EXT)
    string(SUBSTRING "${extension}" 1 -1 extension)
    set(type "application/octet-stream")
    foreach(pair ${types})
      if(pair MATCHES "^${extension}=(.*)$")
        set(type "${CMAKE_MATCH_1}")
      endif()
    endforeach()
    if(type MATCHES "^text/|json$|javascript$|svg")
      string(APPEND type "; charset=utf-8")
    endif()
    file(SHA256 ${file} hash)
    string(SUBSTRING ${hash} 0 16 hash)
    set(immutable false)
    if(path MATCHES "^assets/")
      set(immutable true)
    endif()
    set(bodies "")
    foreach(suffix "" ".br" ".gz")
      if(EXISTS ${file}${suffix})
        string(APPEND data "    \"asset_${number}: .incbin \\\"${file}${suffix}\\\"\\n\"\n    \"asset_${number}_end: .byte 0\\n\"\n")
        string(APPEND declarations "extern const char asset_${number}[], asset_${number}_end[];\n")
        string(APPEND bodies ", view(asset_${number}, asset_${number}_end)")
        list(APPEND inputs ${file}${suffix})
        math(EXPR number "${number} + 1")
      else()
        string(APPEND bodies ", {}")
      endif()
    endforeach()
    string(APPEND rows "    {\"/${path}\", \"${type}\", \"W/\\\"${hash}\\\"\"${bodies}, ${immutable}},\n")
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/generated/web_assets.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "// Made by cmake/EarshotWebAssets.cmake.
#include \"app/web_assets.hpp\"

__asm__(
    \".pushsection .rodata\\n\"
@data@    \".popsection\\n\");
extern \"C\" {
@declarations@}

namespace earshot::app {
namespace {
std::string_view view(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }
const io::Asset kAssets[]{
@rows@};
}  // namespace
std::span<const io::Asset> web_assets() { return kAssets; }
}  // namespace earshot::app
")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${inputs}")
  add_library(${target} STATIC ${source})
  target_link_libraries(${target} PUBLIC earshot_flags)
endfunction()
