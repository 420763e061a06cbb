// Turns the fields of a message into JSON and back. Each message type brings `each_field(message, f)`, which
// calls f(name, member) for every field; enumerations bring to_text, from_text and texts_of. Only the .cpp of a
// family of messages includes this: the JSON library stays in there.
#pragma once
#include <fmt/format.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "wire/json.hpp"

namespace earshot::wire::json {

using Tree = nlohmann::json;

inline constexpr std::int64_t kLargestNumber = (std::int64_t{1} << 53) - 1;  // the largest that JavaScript holds exactly
inline constexpr int kMaxDepth = 8;
inline constexpr std::size_t kMaxItems = 10'000;

template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <typename T>
inline constexpr bool is_list = false;
template <typename T>
inline constexpr bool is_list<std::vector<T>> = true;

template <typename Enum>
std::optional<Enum> enum_from(std::span<const std::string_view> texts, std::string_view text) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i] == text) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

// ---- writing

template <typename T>
void append_value(std::string& out, const T& value);

struct FieldWriter {
    std::string& out;
    bool first = true;

    template <typename T>
    void operator()(std::string_view name, const T& value) {
        if constexpr (is_optional<T>) {
            if (value) (*this)(name, *value);
        } else {
            if (!first) out += ',';
            first = false;
            out += '"';
            out += name;
            out += "\":";
            append_value(out, value);
        }
    }
};

template <typename T>
void append_value(std::string& out, const T& value) {
    if constexpr (std::same_as<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::integral<T>) {
        const fmt::format_int digits(value);
        out.append(digits.data(), digits.size());
    } else if constexpr (std::same_as<T, std::string>) {
        append_text(out, value);
    } else if constexpr (std::is_enum_v<T>) {
        append_text(out, to_text(value));
    } else if constexpr (is_list<T>) {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i != 0) out += ',';
            append_value(out, value[i]);
        }
        out += ']';
    } else {
        out += '{';
        each_field(value, FieldWriter{out});
        out += '}';
    }
}

template <typename M>
std::string encode(std::string_view type, const M& message) {
    std::string out;
    out.reserve(256);
    out += "{\"type\":\"";
    out += type;
    out += '"';
    each_field(message, FieldWriter{out, false});
    out += '}';
    return out;
}

// ---- reading

// Where in the message, and what is wrong there, as the end of a sentence.
struct Wrong {
    std::string path;
    std::string text;
};
using Result = std::expected<void, Wrong>;

inline Result wrong(std::string text) { return std::unexpected(Wrong{{}, std::move(text)}); }
inline Result at(std::string place, Result result) {
    if (!result) result.error().path.insert(0, place);
    return result;
}

template <std::integral T>
Result read_number(const Tree& tree, T& value, std::int64_t least) {
    const auto* number = tree.is_number_unsigned() ? tree.get_ptr<const std::uint64_t*>() : nullptr;
    if (number == nullptr || *number < static_cast<std::uint64_t>(least) || *number > static_cast<std::uint64_t>(kLargestNumber)) {
        return wrong(fmt::format("must be a whole number from {} to 2^53 - 1", least));
    }
    value = static_cast<T>(*number);
    return {};
}

template <typename T>
Result read_value(std::string_view name, const Tree& tree, T& value);

// Reads field after field and stops at the first that is wrong.
struct FieldReader {
    const Tree& object;
    Result& result;

    template <typename T>
    void operator()(const char* name, T& value) {
        if (!result) return;
        const auto found = object.find(name);
        if constexpr (is_optional<T>) {
            if (found != object.end()) result = at(name, read_value(name, *found, value.emplace()));
        } else {
            result = at(name, found == object.end() ? wrong("is missing") : read_value(name, *found, value));
        }
    }
};

template <typename T>
Result read_list(const Tree& tree, std::vector<T>& list) {
    if (!tree.is_array() || tree.size() > kMaxItems) return wrong(fmt::format("must be a list of at most {} items", kMaxItems));
    list.reserve(tree.size());
    for (const Tree& item : tree) {
        if (auto result = read_value("", item, list.emplace_back()); !result) return at(fmt::format("[{}]", list.size() - 1), std::move(result));
    }
    return {};
}

template <typename Enum>
Result read_enum(const Tree& tree, Enum& value) {
    const auto* text = tree.get_ptr<const std::string*>();
    const auto known = text != nullptr ? enum_from<Enum>(texts_of(Enum{}), *text) : std::nullopt;
    if (!known) return wrong(fmt::format("must be one of {}", fmt::join(texts_of(Enum{}), ", ")));
    value = *known;
    return {};
}

template <typename T>
Result read_value(std::string_view name, const Tree& tree, T& value) {
    if constexpr (std::same_as<T, bool>) {
        if (!tree.is_boolean()) return wrong("must be true or false");
        value = *tree.get_ptr<const bool*>();
        return {};
    } else if constexpr (std::same_as<T, std::uint64_t>) {
        return read_number(tree, value, 1);  // an id
    } else if constexpr (std::integral<T>) {
        return read_number(tree, value, name == "request" ? 1 : 0);
    } else if constexpr (std::same_as<T, std::string>) {
        const auto* text = tree.get_ptr<const std::string*>();
        if (text == nullptr) return wrong("must be a text");
        value = *text;
        return {};
    } else if constexpr (std::is_enum_v<T>) {
        return read_enum(tree, value);
    } else if constexpr (is_list<T>) {
        return read_list(tree, value);
    } else {
        if (!tree.is_object()) return wrong("must be an object");
        Result result;
        each_field(value, FieldReader{tree, result});
        return at(".", std::move(result));
    }
}

template <typename Message, typename M, typename Error>
std::expected<Message, Error> decode_as(const Tree& object) {
    M message;
    Result result;
    each_field(message, FieldReader{object, result});
    if (!result) return std::unexpected(Error{Error::Kind::bad_field, {}, fmt::format("The field \"{}\" {}.", result.error().path, result.error().text)});
    return Message{std::move(message)};
}

template <typename Message, typename Error>
struct Entry {
    std::string_view type;
    std::expected<Message, Error> (*decode)(const Tree&);
};

inline std::optional<std::uint64_t> request_of(const Tree& object) {
    std::uint64_t request = 0;
    const auto found = object.find("request");
    if (found == object.end() || !read_number(*found, request, 1)) return std::nullopt;
    return request;
}

template <typename Message, typename Error>
std::expected<Message, Error> dispatch(const Tree& object, std::span<const Entry<Message, Error>> entries) {
    const auto type = object.find("type");
    const auto* name = type != object.end() ? type->get_ptr<const std::string*>() : nullptr;
    if (name == nullptr) return std::unexpected(Error{Error::Kind::bad_field, {}, "The field \"type\" must be a text."});
    for (const auto& entry : entries) {
        if (entry.type == *name) return entry.decode(object);
    }
    return std::unexpected(Error{Error::Kind::unknown_type, {}, "There is no message of this type."});
}

template <typename Message, typename Error, std::size_t N>
std::expected<Message, Error> decode(std::string_view text, std::size_t max_bytes, const std::array<Entry<Message, Error>, N>& entries) {
    const auto malformed = [](std::string sentence) { return std::unexpected(Error{Error::Kind::malformed, {}, std::move(sentence)}); };
    if (text.size() > max_bytes) return malformed(fmt::format("The message is longer than {} bytes.", max_bytes));
    if (nests_deeper_than(text, kMaxDepth)) return malformed("The message is nested too deeply.");
    const Tree object = Tree::parse(text, nullptr, false);
    if (!object.is_object()) return malformed("The message is not one JSON object.");
    auto message = dispatch<Message, Error>(object, entries);
    if (!message) message.error().request = request_of(object);
    return message;
}

}  // namespace earshot::wire::json
