#include "client/trust.hpp"

#include <doctest/doctest.h>

using namespace earshot::client;
using Kind = Verdict::Kind;

TEST_CASE("who is trusted, who is asked about, who is refused") {
    const std::string one(64, 'a'), other(64, 'b');
    const Proof vouched{true, "", one}, self_signed{false, "self-signed certificate", one};
    CHECK(judge("h", vouched, "", "", false).kind == Kind::kTrusted);
    CHECK(judge("h", self_signed, "", one, false).kind == Kind::kTrusted);
    CHECK(judge("h", self_signed, one, "", false).kind == Kind::kTrusted);
    CHECK(judge("h", self_signed, one, other, false).kind == Kind::kTrusted);  // a change that the caller confirms
    CHECK(judge("h", self_signed, "", "", true).kind == Kind::kAsk);
    const auto refused = judge("h", self_signed, "", "", false);
    CHECK(refused.kind == Kind::kRefused);
    CHECK(refused.sentence.contains("--accept-fingerprint " + one));
    const auto changed = judge("h", self_signed, "", other, true);
    CHECK(changed.kind == Kind::kRefused);  // never a question
    CHECK(changed.sentence.contains("HAS CHANGED"));
    CHECK(judge("h", vouched, other, "", true).kind == Kind::kRefused);  // the command line is stricter than the store
    CHECK(judge("h", Proof{}, "", "", true).kind == Kind::kRefused);
}

TEST_CASE("a fingerprint is shown so that it can be compared") { CHECK(shown_fingerprint("abcdef") == "ab:cd:ef"); }
