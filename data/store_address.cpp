// SPDX-License-Identifier: Apache-2.0
#include "data/store_address.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "data/error.h"

namespace precentral {
namespace {

constexpr std::string_view kExample = "postgresql://user@host:5432/database";

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const auto high = hex_digit(text[i + 1]);
            const auto low = hex_digit(text[i + 2]);
            if (high && low) {
                out += static_cast<char>(*high * 16 + *low);
                i += 2;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

// Options go to libpq by name; only words and simple values pass, so that none can smuggle in another.
std::string options_of(std::string_view query) {
    std::string out;
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string one = percent_decoded(query.substr(0, end));
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
        const std::size_t equals = one.find('=');
        const bool plain =
            one.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=./") ==
            std::string::npos;
        if (equals == std::string::npos || equals == 0 || !plain) {
            throw InputError("The option \"" + one + "\" in the address of the store is not of the form name=value.");
        }
        out += (out.empty() ? "" : ";") + one;
    }
    return out;
}

StoreAddress postgresql_address(std::string_view rest) {
    StoreAddress out;
    out.engine = SqlEngine::postgresql;
    if (const std::size_t question = rest.find('?'); question != std::string_view::npos) {
        out.options = options_of(rest.substr(question + 1));
        rest = rest.substr(0, question);
    }
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash + 1 == rest.size()) {
        throw InputError("The address of the store names no database; expected " + std::string(kExample) + ".");
    }
    out.database = percent_decoded(rest.substr(slash + 1));
    std::string_view server = rest.substr(0, slash);
    if (const std::size_t at = server.rfind('@'); at != std::string_view::npos) {
        const std::string_view who = server.substr(0, at);
        const std::size_t colon = who.find(':');
        out.user = percent_decoded(who.substr(0, colon));
        if (colon != std::string_view::npos) out.password = percent_decoded(who.substr(colon + 1));
        server = server.substr(at + 1);
    }
    // [::1]:5432 keeps its colons inside the brackets.
    const std::size_t bracket = server.rfind(']');
    const std::size_t colon = server.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        const std::string_view port = server.substr(colon + 1);
        const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (failure != std::errc() || end != port.data() + port.size() || out.port < 1 || out.port > 65535) {
            throw InputError("\"" + std::string(port) + "\" in the address of the store is not a port (1 to 65535).");
        }
        server = server.substr(0, colon);
    }
    if (bracket != std::string_view::npos && server.size() > 2) server = server.substr(1, server.size() - 2);
    out.host = percent_decoded(server);
    if (out.host.empty()) {
        throw InputError("The address of the store names no server; expected " + std::string(kExample) + ".");
    }
    return out;
}

}  // namespace

std::string StoreAddress::shown() const {
    if (engine == SqlEngine::postgresql) {
        const bool brackets = host.find(':') != std::string::npos;
        return "postgresql://" + (user.empty() ? "" : user + "@") + (brackets ? "[" + host + "]" : host) + ":" +
               std::to_string(port) + "/" + database;
    }
    return in_memory ? "the store in memory" : path;
}

StoreAddress store_address(const std::string& url) {
    if (url.empty()) throw InputError("No store was named; give a file path or " + std::string(kExample) + ".");
    if (url.find('\0') != std::string::npos) throw InputError("The path of the store contains a zero character.");
    for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
        if (url.starts_with(scheme)) return postgresql_address(std::string_view(url).substr(scheme.size()));
    }
    constexpr std::string_view kMemory = ":memory:";
    StoreAddress out;
    if (url.starts_with(kMemory)) {
        out.in_memory = true;
        out.path = url.substr(kMemory.size());
        if (out.path.find_first_of("?#%&/") != std::string::npos) {
            throw InputError("\"" + out.path + "\" cannot name a store in memory; use letters and digits.");
        }
        return out;
    }
    if (const std::size_t scheme = url.find("://"); scheme != std::string::npos) {
        throw InputError("A store cannot be opened by " + url.substr(0, scheme) + ":// ; give a file path or " +
                         std::string(kExample) + ".");
    }
    out.path = url;
    return out;
}

}  // namespace precentral
