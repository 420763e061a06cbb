#include "client/screen/input_decoder.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "client/screen/csi_parameters.hpp"
#include "client/screen/key_codes.hpp"

namespace earshot::client::screen {
namespace {

constexpr std::uint8_t kEsc = 0x1b;
constexpr std::uint8_t kBel = 0x07;
constexpr std::uint8_t kCancel = 0x18;  // CAN and SUB break off a sequence (ECMA-48)
constexpr std::uint8_t kSubstitute = 0x1a;
constexpr std::string_view kPasteEnd = "\x1b[201~";
constexpr std::size_t kLeastPlainPaste = 24;
constexpr Duration kPlainPasteGap = 100ms;

bool breaks_off(std::uint8_t byte) { return byte == kCancel || byte == kSubstitute; }

// Ends of lines become '\n', tabs stay, other controls go, broken UTF-8 becomes U+FFFD.
std::string cleaned(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    Utf8 utf8;
    bool after_return = false;
    const auto put = [&](char32_t c) {
        const bool second = std::exchange(after_return, c == U'\r') && c == U'\n';
        if (c == U'\r') c = U'\n';
        if (second || (c < 0x20 && c != U'\n' && c != U'\t') || (c >= 0x7f && c < 0xa0)) return;
        append_utf8(out, c);
    };
    for (const char byte : raw) {
        for (bool again = true; again;) {
            if (const auto c = utf8.take(static_cast<std::uint8_t>(byte), again)) put(*c);
        }
    }
    if (utf8.pending()) put(kReplacement);
    return out;
}

// Many characters in one read with an end of line among them were pasted into a terminal that does not say so: nobody types
// that fast, and a page must not go out line by line.
bool looks_pasted(Bytes bytes, bool follows_paste) {
    if (bytes.size() < kLeastPlainPaste && !follows_paste) return false;
    const auto control = [](std::uint8_t c) { return (c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f; };
    if (std::ranges::any_of(bytes, control)) return false;
    const auto line_end = std::ranges::find_if(bytes, [](std::uint8_t c) { return c == '\r' || c == '\n'; });
    return line_end != bytes.end() && (follows_paste || line_end + 1 != bytes.end());
}

std::uint8_t colour_part(std::string_view& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + std::min<std::size_t>(text.size(), 4), value, 16);
    const auto digits = static_cast<std::size_t>(end - text.data());
    text.remove_prefix(std::min(text.size(), digits + 1));
    if (error != std::errc{}) return 0;
    const unsigned most = (1u << 4 * digits) - 1;
    return static_cast<std::uint8_t>(value * 255 / most);
}

Mouse mouse_of(const CsiParameters& p, bool released) {
    const unsigned code = p.at(0);
    Mouse out;
    out.column = static_cast<int>(std::clamp(p.at(1), 1u, 10'000u)) - 1;
    out.row = static_cast<int>(std::clamp(p.at(2), 1u, 10'000u)) - 1;
    out.button = static_cast<std::uint8_t>(code & 3);
    if ((code & 64) != 0) {
        out.action = (code & 1) != 0 ? MouseAction::wheel_down : MouseAction::wheel_up;
        out.button = 0;
    } else if ((code & 32) != 0) {
        out.action = MouseAction::move;
    } else {
        out.action = released ? MouseAction::release : MouseAction::press;
    }
    return out;
}

KeyPhase phase_of(unsigned event) { return event == 3 ? KeyPhase::release : event == 2 ? KeyPhase::repeat : KeyPhase::press; }

// The text that a kitty key brings along, or else what its code types with shift.
std::string kitty_text(const CsiParameters& p, const KeyInput& key) {
    std::string out;
    for (std::size_t part = 0; part < CsiParameters::kMaxParts && p.at(2, part) != 0; ++part) {
        const unsigned c = p.at(2, part);
        if (c >= 0x20 && (c < 0x7f || c >= 0xa0)) append_utf8(out, c);
    }
    if (!out.empty() || key.text.empty()) return out;
    if (!key.modifiers.shift) return key.text;
    if (p.at(0, 1) >= 0x20 && p.at(0, 1) != 0x7f)
        append_utf8(out, p.at(0, 1));
    else if (key.character >= U'a' && key.character <= U'z')
        append_utf8(out, key.character - U'a' + U'A');
    else
        return key.text;
    return out;
}

KeyInput kitty_key(const CsiParameters& p) {
    KeyInput key = p.at(0) == 0 && p.at(2) != 0 ? key_of_character(p.at(2)) : key_of_code(p.at(0));
    const bool capital = key.modifiers.shift;  // an own capital letter as code: against the protocol, but told
    key.modifiers = modifiers_of(p.at(1, 0, 1));
    key.modifiers.shift |= capital;
    key.phase = phase_of(p.at(1, 1));
    const bool types = !key.modifiers.control && !key.modifiers.alt && !key.modifiers.super && key.phase != KeyPhase::release;
    key.text = types && key.key == Key::character ? kitty_text(p, key) : std::string{};
    return key;
}

}  // namespace

void InputDecoder::receive(Time now, Bytes bytes, std::vector<InputEvent>& out) {
    if (bytes.empty()) return;
    if (state_ == State::ground && !utf8_.pending() && looks_pasted(bytes, now < plain_paste_until_)) {
        const bool cut = bytes.size() > kMaxPaste;
        out.emplace_back(Paste{cleaned(as_text(bytes.first(std::min(bytes.size(), kMaxPaste)))), cut});
        plain_paste_until_ = now + kPlainPasteGap;
        return;
    }
    for (const auto byte : bytes) take(byte, out);
    const bool waits = state_ != State::ground || utf8_.pending();
    deadline_ = waits ? now + patience() : kNever;
}

Duration InputDecoder::patience() const {
    if (state_ == State::paste) return kPasteWait;
    if (state_ == State::escape) return kEscapeWait;
    const bool bare = held_.empty() && (state_ == State::csi || state_ == State::ss3 || state_ == State::string);
    return bare ? kEscapeWait : kSequenceWait;
}

void InputDecoder::tick(Time now, std::vector<InputEvent>& out) {
    if (now < deadline_) return;
    deadline_ = kNever;
    give_up(out);
}

// What a sequence that goes no further was: keys of their own when nothing but their ESC came, else garbage.
void InputDecoder::give_up(std::vector<InputEvent>& out) {
    const auto state = state_;
    const bool bare = held_.empty();
    if (state == State::paste) return finish_paste(out);
    enter(State::ground);
    if (state == State::ground && utf8_.pending()) type(kReplacement, out);
    utf8_.reset();
    if (state == State::escape) {
        emit(key_of_control(kEsc), out);
    } else if (bare && (state == State::csi || state == State::ss3 || state == State::string)) {
        alt_ = true;
        emit(key_of_character(state == State::csi ? U'[' : state == State::ss3 ? U'O' : static_cast<char32_t>(string_kind_)), out);
    }
    alt_ = false;
}

void InputDecoder::enter(State state) {
    state_ = state;
    held_.clear();
    cut_ = false;
    end_matched_ = 0;
}

void InputDecoder::take(std::uint8_t byte, std::vector<InputEvent>& out) {
    switch (state_) {
        case State::ground: return take_ground(byte, out);
        case State::escape: return take_escape(byte, out);
        case State::csi: return take_csi(byte, out);
        case State::ss3: return take_ss3(byte, out);
        case State::string:
        case State::string_escape: return take_string(byte, out);
        case State::paste: return take_paste(byte, out);
        case State::linux_key:
            enter(State::ground);
            if (byte >= 'A' && byte <= 'E') emit({.key = static_cast<Key>(static_cast<int>(Key::f1) + byte - 'A')}, out);
            alt_ = false;
            return;
        case State::x10_mouse:
            if (--skip_ == 0) enter(State::ground);
            return;
    }
}

void InputDecoder::take_ground(std::uint8_t byte, std::vector<InputEvent>& out) {
    if (byte == kEsc && !utf8_.pending()) {
        alt_ = false;
        return enter(State::escape);
    }
    for (bool again = true; again;) {
        if (const auto c = utf8_.take(byte, again)) {
            if (*c == kEsc) {
                alt_ = false;
                return enter(State::escape);
            }
            type(*c, out);
        }
    }
}

void InputDecoder::type(char32_t character, std::vector<InputEvent>& out) {
    if (character >= 0x80 && character < 0xa0) return;  // C1 controls: no key makes them
    emit(character < 0x20 || character == 0x7f ? key_of_control(static_cast<std::uint8_t>(character)) : key_of_character(character), out);
    alt_ = false;
}

// With alt, or twice escaped, a key types nothing.
void InputDecoder::emit(KeyInput key, std::vector<InputEvent>& out) {
    key.modifiers.alt |= alt_;
    if (key.modifiers.alt || key.modifiers.control) key.text.clear();
    out.emplace_back(std::move(key));
}

void InputDecoder::take_escape(std::uint8_t byte, std::vector<InputEvent>& out) {
    switch (byte) {
        case '[': return enter(State::csi);
        case 'O': return enter(State::ss3);
        case ']':
        case 'P':
        case '_': string_kind_ = static_cast<char>(byte); return enter(State::string);
        case kEsc:
            if (alt_) emit(key_of_control(kEsc), out);  // a third ESC: the first was a key
            alt_ = true;
            return;
        default:
            enter(State::ground);
            alt_ = true;
            take_ground(byte, out);
            if (!utf8_.pending()) alt_ = false;
    }
}

void InputDecoder::take_csi(std::uint8_t byte, std::vector<InputEvent>& out) {
    if (byte == kEsc || breaks_off(byte) || byte >= 0x7f) {
        enter(byte == kEsc ? State::escape : State::ground);
        alt_ = false;
        return;
    }
    if (byte < 0x20) return;  // a control inside of a sequence: no key makes one
    if (byte == '[' && held_.empty()) return enter(State::linux_key);
    const bool rxvt_shift = byte == '$' && !held_.empty() && held_.find_first_not_of("0123456789") == std::string::npos;
    if (byte >= 0x40 || rxvt_shift) return finish_csi(static_cast<char>(byte), out);
    if (held_.size() < kMaxSequence)
        held_.push_back(static_cast<char>(byte));
    else
        cut_ = true;
}

void InputDecoder::finish_csi(char final_byte, std::vector<InputEvent>& out) {
    const bool usable = !cut_;
    const auto p = CsiParameters::read(held_);
    enter(State::ground);
    if (!usable) {
        alt_ = false;
        return;
    }
    KeyInput key;
    key.modifiers = modifiers_of(p.at(1, 0, 1));
    key.phase = phase_of(p.at(1, 1));
    const auto send = [&](std::optional<Key> found) {
        if (!found) return;
        key.key = *found;
        emit(std::move(key), out);
    };
    if (p.prefix == '?') {
        if (final_byte == 'u') out.emplace_back(KeyboardProtocol{p.at(0)});
        if (final_byte == 'c') out.emplace_back(DeviceAttributes{});
    } else if (p.prefix == '<') {
        if (final_byte == 'M' || final_byte == 'm') out.emplace_back(mouse_of(p, final_byte == 'm'));
    } else if (p.prefix != 0) {
        // another answer that nobody asked for
    } else if (final_byte == '~' && p.at(0) == 200) {
        enter(State::paste);
    } else if (final_byte == '~' && p.at(0) == 27) {  // xterm's modifyOtherKeys
        key = key_of_code(p.at(2));
        key.modifiers.shift = modifiers_of(p.at(1, 0, 1)).shift;
        key.modifiers.alt = modifiers_of(p.at(1, 0, 1)).alt;
        key.modifiers.control = modifiers_of(p.at(1, 0, 1)).control;
        emit(std::move(key), out);
    } else if (final_byte == '~') {
        send(key_of_number(p.at(0)));
    } else if (final_byte == '^' || final_byte == '$' || final_byte == '@') {  // rxvt
        key.modifiers.control = final_byte != '$';
        key.modifiers.shift = final_byte != '^';
        send(key_of_number(p.at(0)));
    } else if (final_byte >= 'a' && final_byte <= 'd') {  // rxvt: arrows with shift
        key.modifiers.shift = true;
        send(key_of_final(static_cast<char>(final_byte - 'a' + 'A')));
    } else if (final_byte == 'u') {
        emit(kitty_key(p), out);
    } else if (final_byte == 'Z') {
        key.modifiers.shift = true;
        send(Key::tab);
    } else if ((final_byte == 'I' || final_byte == 'O') && p.count == 0) {
        out.emplace_back(Focus{final_byte == 'I'});
    } else if (final_byte == 'M' && p.count == 0) {
        enter(State::x10_mouse);
        skip_ = 3;
    } else {
        send(key_of_final(final_byte));
    }
    alt_ = false;
}

void InputDecoder::take_ss3(std::uint8_t byte, std::vector<InputEvent>& out) {
    if (byte == kEsc || byte < 0x20 || byte >= 0x7f) {
        enter(byte == kEsc ? State::escape : State::ground);
        alt_ = false;
        return;
    }
    if (byte >= '0' && byte <= '9' && held_.empty()) {  // a modifier, as old xterms send it
        held_.push_back(static_cast<char>(byte));
        return;
    }
    const auto modifiers = modifiers_of(held_.empty() ? 1u : static_cast<unsigned>(held_[0] - '0'));
    enter(State::ground);
    KeyInput key;
    if (const auto found = key_of_final(static_cast<char>(byte))) {
        key.key = *found;
    } else if (byte >= 'a' && byte <= 'd') {  // rxvt: arrows with control
        key.key = *key_of_final(static_cast<char>(byte - 'a' + 'A'));
        key.modifiers.control = true;
    } else if (byte == 'M') {
        key.key = Key::enter;
    } else if (byte >= 'j' && byte <= 'y') {  // the keypad in application mode
        key = key_of_character(static_cast<char32_t>(byte - 'j' + '*'));
    } else {
        key.key = Key::other;
    }
    key.modifiers.shift |= modifiers.shift;
    key.modifiers.alt |= modifiers.alt;
    key.modifiers.control |= modifiers.control;
    emit(std::move(key), out);
    alt_ = false;
}

void InputDecoder::take_string(std::uint8_t byte, std::vector<InputEvent>& out) {
    if (state_ == State::string_escape) {
        if (byte == '\\') return finish_string(out);
        enter(State::escape);  // the string broke off: this ESC began something new
        alt_ = false;
        return take_escape(byte, out);
    }
    if (byte == kBel) return finish_string(out);
    if (byte == kEsc) {
        state_ = State::string_escape;
        return;
    }
    if (breaks_off(byte)) {
        enter(State::ground);
        alt_ = false;
        return;
    }
    if (held_.size() < kMaxSequence)
        held_.push_back(static_cast<char>(byte));
    else
        cut_ = true;
}

void InputDecoder::finish_string(std::vector<InputEvent>& out) {
    constexpr std::string_view kBackground = "11;rgb:";
    const std::string text = cut_ ? std::string{} : std::move(held_);
    const bool osc = string_kind_ == ']';
    enter(State::ground);
    alt_ = false;
    if (!osc || !text.starts_with(kBackground)) return;
    auto rest = std::string_view(text).substr(kBackground.size());
    Background background;
    background.red = colour_part(rest);
    background.green = colour_part(rest);
    background.blue = colour_part(rest);
    out.emplace_back(background);
}

// ESC stands nowhere in the end mark but at its head, so a match that breaks off begins anew only there.
void InputDecoder::take_paste(std::uint8_t byte, std::vector<InputEvent>& out) {
    const auto keep = [this](std::string_view text) {
        const auto fits = std::min(text.size(), kMaxPaste - held_.size());
        held_ += text.substr(0, fits);
        cut_ |= fits < text.size();
    };
    if (byte == static_cast<std::uint8_t>(kPasteEnd[end_matched_])) {
        if (++end_matched_ == kPasteEnd.size()) finish_paste(out);
        return;
    }
    keep(kPasteEnd.substr(0, std::exchange(end_matched_, 0)));
    if (byte == kEsc)
        end_matched_ = 1;
    else
        keep(std::string_view(reinterpret_cast<const char*>(&byte), 1));
}

void InputDecoder::finish_paste(std::vector<InputEvent>& out) {
    out.emplace_back(Paste{cleaned(held_), cut_});
    enter(State::ground);
    held_.shrink_to_fit();
    alt_ = false;
}

}  // namespace earshot::client::screen
