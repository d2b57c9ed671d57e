// SPDX-License-Identifier: Apache-2.0
#include "data/sql_value.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "data/error.h"

namespace precentral {
namespace {

using Json = nlohmann::json;

[[noreturn]] void unexpected(const SqlValue& value, const std::string& expected) {
    std::string shown = "nothing";
    if (const auto* text = std::get_if<std::string>(&value)) shown = "\"" + text->substr(0, 60) + "\"";
    if (const auto* whole = std::get_if<std::int64_t>(&value)) shown = std::to_string(*whole);
    if (const auto* number = std::get_if<double>(&value)) shown = std::to_string(*number);
    throw Error(shown + " stands where " + expected + " belongs");
}

const std::string& text_of(const SqlValue& value, const char* expected = "a text") {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) unexpected(value, expected);
    return *text;
}

Json list_of(const SqlValue& value, const char* expected) {
    Json out = Json::parse(text_of(value, expected), nullptr, false);
    if (!out.is_array()) unexpected(value, expected);
    return out;
}

// Bytes that are not UTF-8 become U+FFFD, as everywhere in the store.
std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

double number_of(const Json& json) {
    return json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::string to_json_numbers(std::span<const double> numbers) {
    std::string out = "[";
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0) out += ',';
        if (!std::isfinite(numbers[i])) {
            out += "null";
            continue;
        }
        std::array<char, 32> digits{};
        // The shortest text that reads back to the same bits.
        out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), numbers[i]).ptr);
    }
    return out + "]";
}

void from_json_numbers(std::string_view text, std::span<double> numbers) {
    const auto refuse = [&] {
        throw Error("\"" + std::string(text.substr(0, 60)) + "\" stands where a list of " +
                    std::to_string(numbers.size()) + " numbers belongs");
    };
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto skip_blanks = [&] {
        while (at != end && *at == ' ') ++at;
    };
    const auto expect = [&](char c) {
        skip_blanks();
        if (at == end || *at != c) refuse();
        ++at;
        skip_blanks();
    };
    expect('[');
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0) expect(',');
        if (std::string_view(at, static_cast<std::size_t>(end - at)).starts_with("null")) {
            numbers[i] = std::numeric_limits<double>::quiet_NaN();
            at += 4;
            continue;
        }
        const auto [after, failure] = std::from_chars(at, end, numbers[i]);
        if (failure != std::errc()) refuse();
        at = after;
    }
    expect(']');
    if (at != end) refuse();
}

SqlValue to_sql(const Eigen::Vector3d& v) { return to_json_numbers(std::span<const double>(v.data(), 3)); }

SqlValue to_sql(const Eigen::Matrix4d& v) {
    const Eigen::Matrix<double, 4, 4, Eigen::RowMajor> rows = v;
    return to_json_numbers(std::span<const double>(rows.data(), 16));
}

SqlValue to_sql(const std::array<int, 3>& v) { return dumped(Json(v)); }

SqlValue to_sql(const std::vector<std::string>& v) { return dumped(Json(v)); }

SqlValue to_sql(const std::vector<FiducialResidual>& v) {
    Json list = Json::array();
    for (const FiducialResidual& one : v) {
        list.push_back({{"name", one.name}, {"residual_mm", one.residual_mm}, {"left_out_mm", one.left_out_mm}});
    }
    return dumped(list);
}

SqlValue to_sql(const std::vector<TouchedLandmark>& v) {
    Json list = Json::array();
    for (const TouchedLandmark& one : v) {
        list.push_back(
            {{"name", one.name}, {"x", one.point.xyz.x()}, {"y", one.point.xyz.y()}, {"z", one.point.xyz.z()}});
    }
    return dumped(list);
}

void from_sql(const SqlValue& from, RecordId& to) {
    const auto* whole = std::get_if<std::int64_t>(&from);
    if (whole == nullptr) unexpected(from, "a whole number");
    to = *whole;
}

void from_sql(const SqlValue& from, std::uint64_t& to) {
    RecordId same_bits = 0;
    from_sql(from, same_bits);
    to = std::bit_cast<std::uint64_t>(same_bits);
}

void from_sql(const SqlValue& from, int& to) {
    RecordId wide = 0;
    from_sql(from, wide);
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
        unexpected(from, "a whole number of ordinary size");
    }
    to = static_cast<int>(wide);
}

void from_sql(const SqlValue& from, bool& to) {
    RecordId wide = 0;
    from_sql(from, wide);
    if (wide != 0 && wide != 1) unexpected(from, "0 or 1");
    to = wide == 1;
}

void from_sql(const SqlValue& from, double& to) {
    if (std::holds_alternative<std::monostate>(from)) {
        to = std::numeric_limits<double>::quiet_NaN();
    } else if (const auto* number = std::get_if<double>(&from)) {
        to = *number;
    } else {
        RecordId whole = 0;
        from_sql(from, whole);
        to = static_cast<double>(whole);
    }
}

void from_sql(const SqlValue& from, std::string& to) { to = text_of(from); }

void from_sql(const SqlValue& from, Side& to) {
    const std::string& word = text_of(from, "left or right");
    if (word != "left" && word != "right") unexpected(from, "left or right");
    to = word == "left" ? Side::left : Side::right;
}

void from_sql(const SqlValue& from, PulsePurpose& to) { to = purpose_from_word(text_of(from, "a purpose")); }

void from_sql(const SqlValue& from, UtcTime& to) { to = from_iso8601(text_of(from, "a time")); }

void from_sql(const SqlValue& from, Eigen::Vector3d& to) {
    from_json_numbers(text_of(from, "a point"), std::span<double>(to.data(), 3));
}

void from_sql(const SqlValue& from, Eigen::Matrix4d& to) {
    Eigen::Matrix<double, 4, 4, Eigen::RowMajor> rows;
    from_json_numbers(text_of(from, "a matrix"), std::span<double>(rows.data(), 16));
    to = rows;
}

void from_sql(const SqlValue& from, std::array<int, 3>& to) {
    constexpr const char* kExpected = "a list of three whole numbers";
    const Json list = list_of(from, kExpected);
    if (list.size() != to.size()) unexpected(from, kExpected);
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (!list[i].is_number_integer()) unexpected(from, kExpected);
        to[i] = list[i].get<int>();
    }
}

void from_sql(const SqlValue& from, std::vector<std::string>& to) {
    constexpr const char* kExpected = "a list of texts";
    to.clear();
    for (const Json& one : list_of(from, kExpected)) {
        if (!one.is_string()) unexpected(from, kExpected);
        to.push_back(one.get<std::string>());
    }
}

void from_sql(const SqlValue& from, std::vector<FiducialResidual>& to) {
    constexpr const char* kExpected = "a list of residuals";
    to.clear();
    for (const Json& one : list_of(from, kExpected)) {
        if (!one.is_object() || !one.contains("name") || !one["name"].is_string()) unexpected(from, kExpected);
        to.push_back({one["name"].get<std::string>(), number_of(one.value("residual_mm", Json())),
                      number_of(one.value("left_out_mm", Json()))});
    }
}

void from_sql(const SqlValue& from, std::vector<TouchedLandmark>& to) {
    constexpr const char* kExpected = "a list of touched landmarks";
    to.clear();
    for (const Json& one : list_of(from, kExpected)) {
        if (!one.is_object() || !one.contains("name") || !one["name"].is_string()) unexpected(from, kExpected);
        to.push_back({one["name"].get<std::string>(),
                      {Eigen::Vector3d(number_of(one.value("x", Json())), number_of(one.value("y", Json())),
                                       number_of(one.value("z", Json())))}});
    }
}

}  // namespace precentral
