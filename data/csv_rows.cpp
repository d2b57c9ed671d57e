// SPDX-License-Identifier: Apache-2.0
#include "data/csv_rows.h"

#include <algorithm>
#include <charconv>

#include "data/error.h"
#include "data/text_fields.h"

namespace precentral {
namespace {

std::optional<int> digits_in(std::string_view text) {
    int out = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (text.empty() || failed != std::errc() || end != text.data() + text.size() || text.front() == '-') return {};
    return out;
}

}  // namespace

std::vector<CsvRow> csv_rows(const std::string& name, std::string_view text, char between) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::vector<CsvRow> out;
    int line = 1;
    std::string cell;
    CsvRow row{1, {}};
    bool quoted = false;
    bool any = false;
    const auto end_cell = [&] {
        row.cells.emplace_back(trimmed(cell));
        cell.clear();
    };
    const auto end_row = [&] {
        end_cell();
        const bool blank = std::all_of(row.cells.begin(), row.cells.end(), [](const auto& c) { return c.empty(); });
        if (!blank) out.push_back(std::move(row));
        row = {line, {}};
        any = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\0') throw InputError("\"" + name + "\" is not a text file.");
        if (c == '\n') ++line;
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
                cell += '"';
                ++i;
            } else if (c == '"') {
                quoted = false;
            } else {
                cell += c;
            }
            continue;
        }
        if (c == '"' && cell.empty()) {
            quoted = true;
            any = true;
        } else if (c == between) {
            end_cell();
            any = true;
        } else if (c == '\n') {
            end_row();
        } else if (c != '\r') {
            cell += c;
            any = true;
        }
    }
    if (quoted) throw InputError("\"" + name + "\" ends within quotes; the file is cut short.");
    if (any || !row.cells.empty()) end_row();
    return out;
}

std::optional<UtcTime> date_in(std::string_view text, const std::string& order) {
    const auto blank = text.find_first_of(" T");
    const std::string_view day = text.substr(0, blank);
    const auto first = day.find_first_of("-/.");
    const auto second = first == std::string_view::npos ? first : day.find_first_of("-/.", first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const std::string_view parts[] = {day.substr(0, first), day.substr(first + 1, second - first - 1),
                                      day.substr(second + 1)};
    std::optional<int> year, month, day_of_month;
    for (std::size_t i = 0; i < 3; ++i) {
        if (order[i] == 'Y' && parts[i].size() == 4) year = digits_in(parts[i]);
        if (order[i] == 'M' && parts[i].size() <= 2) month = digits_in(parts[i]);
        if (order[i] == 'D' && parts[i].size() <= 2) day_of_month = digits_in(parts[i]);
    }
    if (!year || !month || !day_of_month) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day_of_month)));
    if (!date.ok()) return std::nullopt;
    auto out = UtcTime(std::chrono::sys_days(date));
    if (blank == std::string_view::npos) return out;
    std::string_view rest = text.substr(blank + 1);
    std::chrono::seconds unit = std::chrono::hours(1);
    for (const int most : {23, 59, 59}) {
        const auto value = digits_in(rest.substr(0, 2));
        if (!value || *value > most) return std::nullopt;
        out += *value * unit;
        unit /= 60;
        if (rest.size() == 2) return most == 23 ? std::nullopt : std::optional(out);
        if (rest[2] != ':') return std::nullopt;
        rest.remove_prefix(3);
    }
    return std::nullopt;
}

}  // namespace precentral
