// A file of the web client, in the binary.
#pragma once
#include <string_view>

namespace earshot::io {

struct Asset {
    std::string_view path;   // "/index.html"
    std::string_view type;   // of the content
    std::string_view etag;   // quoted, by content
    std::string_view plain;
    std::string_view brotli, gzip;  // empty: not there
    bool immutable = false;  // the name holds a hash of the content
};

}  // namespace earshot::io
