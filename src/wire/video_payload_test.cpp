#include "wire/video_payload.hpp"

#include <doctest/doctest.h>

#include <array>

#include "wire/av1_payload.hpp"
#include "wire/h264_payload.hpp"
#include "wire/hex_for_tests.hpp"
#include "wire/vp8_descriptor.hpp"
#include "wire/vp9_descriptor.hpp"

namespace earshot::wire {

using testing::from_hex;

TEST_CASE("VP8: every optional field of the descriptor") {
    const auto full = read_vp8(from_hex("90e0 8123 45 60 10 0000 9d012a 8002 6801"));
    REQUIRE(full);
    CHECK(full->starts_frame);
    CHECK(full->starts_key);
    CHECK_FALSE(full->predicted);
    CHECK(full->picture_id == 0x123);
    CHECK(full->places.wide);
    CHECK(full->base_index == 0x45);
    CHECK(full->layered);
    CHECK(full->temporal == 1);
    CHECK(full->switch_up);
    CHECK(full->width == 640);
    CHECK(full->height == 360);
    CHECK(full->descriptor_size == 6);

    const auto narrow = read_vp8(from_hex("8080 23 01"));
    REQUIRE(narrow);
    CHECK_FALSE(narrow->starts_frame);
    CHECK(narrow->picture_id == 0x23);
    CHECK_FALSE(narrow->places.wide);
    CHECK(narrow->places.base_index == 0);

    const auto bare = read_vp8(from_hex("10 01"));
    REQUIRE(bare);
    CHECK(bare->starts_frame);
    CHECK_FALSE(bare->starts_key);
    CHECK(bare->places.picture_id == 0);
    CHECK_FALSE(bare->layered);

    // A key index without temporal layers, a frame that nothing refers to, a partition that is not the first.
    CHECK(read_vp8(from_hex("a010 1f 01"))->discardable);
    CHECK_FALSE(read_vp8(from_hex("a010 ff 01"))->layered);
    CHECK_FALSE(read_vp8(from_hex("11 00"))->starts_key);
}

TEST_CASE("VP8: what is cut short is none") {
    const auto whole = from_hex("90e0 8123 45 60 10");
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read_vp8(Bytes{whole}.first(size)));
    CHECK(read_vp8(whole));
    CHECK(read_vp8(whole)->width == 0);  // a key frame whose size is not in this packet
}

TEST_CASE("VP8: other numbers are written in place, in the width they had") {
    auto wide = from_hex("90e0 8123 45 60 11");
    write_picture_numbers(wide, read_vp8(wide)->places, 0x7ffe, 0x99);
    CHECK(wide == from_hex("90e0 fffe 99 60 11"));
    auto narrow = from_hex("9080 23 11");
    write_picture_numbers(narrow, read_vp8(narrow)->places, 0x1fe, 0x99);
    CHECK(narrow == from_hex("9080 7e 11"));
    auto none = from_hex("10 11");
    write_picture_numbers(none, read_vp8(none)->places, 0x1fe, 0x99);
    CHECK(none == from_hex("10 11"));
}

TEST_CASE("VP8: what we write is read the same") {
    std::array<std::uint8_t, kVp8DescriptorSize + kVp8KeyHeaderSize> out{};
    write_vp8_descriptor(out, {.starts_frame = true, .picture_id = 0x4321, .base_index = 7, .temporal = 2, .switch_up = true});
    write_vp8_frame_head(MutableBytes{out}.subspan(kVp8DescriptorSize), true, 1280, 720);
    const auto read = read_vp8(out);
    REQUIRE(read);
    CHECK(read->starts_key);
    CHECK(read->picture_id == 0x4321);
    CHECK(read->temporal == 2);
    CHECK(read->width == 1280);
    CHECK(read->height == 720);
}

TEST_CASE("VP9: layers, prediction, structure") {
    const auto key = read_vp9(from_hex("aa 8123 00 45  38 0140 00b4 0280 0168  01 04 01  ff"));
    REQUIRE(key);
    CHECK(key->starts_key);
    CHECK(key->picture_id == 0x123);
    CHECK(key->base_index == 0x45);
    CHECK(key->width == 640);
    CHECK(key->height == 360);
    CHECK(key->descriptor_size == 17);

    const auto upper = read_vp9(from_hex("ac 8123 53 45 ff"));  // begins and ends its layer, unpredicted, temporal 2, U, spatial 1, D
    REQUIRE(upper);
    CHECK_FALSE(upper->starts_key);
    CHECK(upper->starts_frame);
    CHECK(upper->ends_layer);
    CHECK_FALSE(upper->predicted);
    CHECK(upper->temporal == 2);
    CHECK(upper->spatial == 1);
    CHECK(upper->switch_up);

    const auto flexible = read_vp9(from_hex("f8 23 00 03 04 ff"));  // two references
    REQUIRE(flexible);
    CHECK(flexible->places.base_index == 0);
    CHECK(flexible->descriptor_size == 5);
    CHECK_FALSE(read_vp9(from_hex("f8 23 00 03 03 03 ff")));  // a fourth is announced
}

TEST_CASE("VP9: what is cut short is none, and what we write is read the same") {
    const auto whole = from_hex("aa 8123 00 45  38 0140 00b4 0280 0168  01 04 01  ff");
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read_vp9(Bytes{whole}.first(size)));
    std::array<std::uint8_t, kVp9DescriptorSize + 1> out{};
    write_vp9_descriptor(out, {.starts_layer = true, .predicted = false, .picture_id = 0x7abc, .temporal = 1, .spatial = 2, .base_index = 9});
    const auto read = read_vp9(out);
    REQUIRE(read);
    CHECK(read->picture_id == 0x7abc);
    CHECK(read->spatial == 2);
    CHECK(read->temporal == 1);
    CHECK(read->base_index == 9);
}

TEST_CASE("H.264: a decoder may begin where the parameter sets are") {
    struct Row {
        const char* hex;
        bool key, predicted;
    };
    for (const auto& row : {Row{"67 42e01f", true, false}, Row{"65 88", false, false}, Row{"41 9a", false, true},
                            Row{"18 0004 6742e01f 0003 68ce3c 0002 6588", true, false}, Row{"18 0003 68ce3c", false, false}, Row{"7c 85 88", false, false},
                            Row{"7c 45 88", false, false}, Row{"7c 87 42", true, false}, Row{"7c 07 42", false, false}, Row{"5c 81 9a", false, true}}) {
        CAPTURE(row.hex);
        const auto read = read_h264(from_hex(row.hex));
        REQUIRE(read);
        CHECK(read->starts_key == row.key);
        CHECK(read->predicted == row.predicted);
    }
    CHECK(read_h264(from_hex("01 9a"))->discardable);
    CHECK_FALSE(read_h264(from_hex("41 9a"))->discardable);
    for (const auto* hex : {"", "00", "1d 81 9a", "18", "18 0000", "18 0004 6742", "18 0002 6742 00", "7c 85", "ff 00"}) {
        CAPTURE(hex);
        CHECK_FALSE(read_h264(from_hex(hex)));
    }
}

TEST_CASE("AV1: a sequence begins, and the head of the descriptor") {
    CHECK(read_av1(from_hex("18 0a"))->starts_key);
    CHECK_FALSE(read_av1(from_hex("90 0a"))->starts_key);
    CHECK_FALSE(read_av1(from_hex("88 0a")));
    CHECK_FALSE(read_av1(from_hex("18")));
    const auto head = dependency_descriptor_head(from_hex("c3 1234 80"));
    REQUIRE(head);
    CHECK(head->starts_frame);
    CHECK(head->ends_frame);
    CHECK(head->template_id == 3);
    CHECK(head->frame_number == 0x1234);
    CHECK(head->structure);
    CHECK_FALSE(dependency_descriptor_head(from_hex("c3 12 34"))->structure);
    CHECK_FALSE(dependency_descriptor_head(from_hex("c3 12")));
}

}  // namespace earshot::wire
