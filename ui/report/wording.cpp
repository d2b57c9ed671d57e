// SPDX-License-Identifier: Apache-2.0
#include "ui/report/wording.h"

#include <QString>
#include <array>
#include <chrono>
#include <cmath>

namespace precentral {

std::string number_words(double value, int decimals) {
    if (!std::isfinite(value)) return "–";
    std::string digits = QString::number(std::abs(value), 'f', decimals).toStdString();
    const bool zero = digits.find_first_not_of("0.") == std::string::npos;
    return (value < 0.0 && !zero) ? "−" + digits : digits;
}

std::string number_words(const std::optional<double>& value, int decimals) {
    return value ? number_words(*value, decimals) : "–";
}

std::string count_words(int count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string short_day(UtcTime time) {
    static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    return std::to_string(static_cast<unsigned>(day.day())) + " " + kMonths[static_cast<unsigned>(day.month()) - 1] +
           " " + std::to_string(static_cast<int>(day.year()));
}

std::string list_words(const std::vector<int>& numbers) {
    std::string words;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0) words += i + 1 == numbers.size() ? " and " : ", ";
        words += std::to_string(numbers[i]);
    }
    return words;
}

std::string printable(std::string_view typed, int limit) {
    QString text = QString::fromUtf8(typed.data(), static_cast<qsizetype>(typed.size()));
    for (QChar& c : text) {
        // Format characters could turn the reading direction of the rest of the line.
        if (c.category() == QChar::Other_Control || c.category() == QChar::Other_Format) c = QLatin1Char(' ');
    }
    text = text.simplified();
    if (text.size() > limit) {
        text.truncate(limit - 1);
        if (!text.isEmpty() && text.back().isHighSurrogate()) text.chop(1);
        text = text.trimmed() + QChar(0x2026);
    }
    return text.toStdString();
}

}  // namespace precentral
