// rooms: io_net
// A request head, cut into lines as a parser hands it on, through everything that decides about it.
#include <array>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "io/net/site.hpp"

using namespace earshot;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::array kAssets{io::Asset{"/index.html", "text/html", "\"1\"", "plain", "br", "gz", false}};
    static const io::Site site({.assets = kAssets, .hosts = {"talk.example"}, .allowed_origins = {"https://other.example"}, .metrics = [] { return std::string("m"); }});
    auto text = as_text({data, size});
    const auto line = [&text] {
        const auto end = std::min(text.find('\n'), text.size());
        const auto taken = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        return taken;
    };
    const auto flags = size > 0 ? data[0] : 0;
    io::HttpRequest request{.method = line(), .target = line(), .host = line(), .origin = line(), .accept_encoding = line(), .if_none_match = line(),
                            .content_encoding = line(), .subprotocols = line(), .host_count = static_cast<unsigned>(flags & 3), .http_1_0 = (flags & 4) != 0,
                            .has_body = (flags & 8) != 0, .wants_websocket = true};
    for (const bool loopback : {true, false}) {
        const io::Approach approach{.secure = !loopback, .loopback = loopback};
        for (const auto& answer : {site.answer(request, approach), site.answer_metrics(request, approach)}) ENSURE(answer.status >= 200 && answer.status < 500);
        const auto refused = site.refuse_socket(request, approach);
        if (!refused && !request.origin.empty()) ENSURE(request.origin.find("://") != std::string_view::npos && request.origin != "null");
    }
    return 0;
}
