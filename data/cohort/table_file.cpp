// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/table_file.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "data/error.h"
#include "data/text_fields.h"
#include "data/text_file.h"

namespace precentral::cohort {
namespace {

bool is_missing(const std::string& cell) {
    const std::string word = lower(cell);
    return word.empty() || word == "na" || word == "nan" || word == "null";
}

struct Row {
    int line = 1;
    std::vector<std::string> cells;
};

std::vector<Row> split(const std::string& text, const std::string& path) {
    std::vector<Row> rows;
    Row row;
    std::string cell;
    bool quoted = false, was_quoted = false;
    int line = 1;
    const auto end_cell = [&] {
        row.cells.emplace_back(was_quoted ? std::string_view(cell) : trimmed(cell));
        cell.clear();
        was_quoted = false;
    };
    const auto end_row = [&] {
        end_cell();
        if (row.cells.size() > 1 || !row.cells[0].empty()) rows.push_back(row);
        row = {line, {}};
    };
    for (std::size_t i = text.rfind("\xEF\xBB\xBF", 0) == 0 ? 3 : 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') ++line;
        if (quoted) {
            if (c != '"') {
                cell += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                cell += text[++i];
            } else {
                quoted = false;
            }
        } else if (c == '"' && trimmed(cell).empty()) {
            cell.clear();
            quoted = was_quoted = true;
        } else if (c == ',') {
            end_cell();
        } else if (c == '\n') {
            end_row();
        } else if (c != '\r') {
            cell += c;
        }
    }
    if (quoted) throw InputError("\"" + path + "\" ends inside a quoted cell; is the file complete?");
    if (!cell.empty() || !row.cells.empty()) end_row();
    return rows;
}

}  // namespace

TableFile::TableFile(const std::string& path) : path_(path) { take(read_text_file(path)); }

TableFile TableFile::from_text(const std::string& text, const std::string& name) {
    TableFile out;
    out.path_ = name;
    out.take(text);
    return out;
}

bool TableFile::has(const std::string& column) const {
    return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

TableFile TableFile::where(const std::vector<bool>& keep) const {
    TableFile out;
    out.path_ = path_;
    out.columns_ = columns_;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        if (!keep[i]) continue;
        out.cells_.push_back(cells_[i]);
        out.lines_.push_back(lines_[i]);
    }
    return out;
}

void TableFile::take(const std::string& text) {
    auto rows = split(text, path_);
    if (rows.empty()) throw InputError("\"" + path_ + "\" is empty; its first line names the columns.");
    columns_ = rows.front().cells;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (std::find(columns_.begin(), columns_.begin() + static_cast<std::ptrdiff_t>(i), columns_[i]) !=
            columns_.begin() + static_cast<std::ptrdiff_t>(i)) {
            throw InputError("\"" + path_ + "\" names the column \"" + columns_[i] + "\" twice.");
        }
    }
    for (std::size_t r = 1; r < rows.size(); ++r) {
        if (rows[r].cells.size() != columns_.size()) {
            throw InputError("Line " + std::to_string(rows[r].line) + " of \"" + path_ + "\" has " +
                             std::to_string(rows[r].cells.size()) + " cells where the header has " +
                             std::to_string(columns_.size()) + ".");
        }
        cells_.push_back(std::move(rows[r].cells));
        lines_.push_back(rows[r].line);
    }
}

std::size_t TableFile::index_of(const std::string& column) const {
    const auto at = std::find(columns_.begin(), columns_.end(), column);
    if (at != columns_.end()) return static_cast<std::size_t>(at - columns_.begin());
    std::string there;
    for (const std::string& name : columns_) there += (there.empty() ? "" : ", ") + name;
    throw InputError("\"" + path_ + "\" has no column \"" + column + "\"; it has " + there + ".");
}

std::string TableFile::place(std::size_t row, const std::string& column) const {
    return "line " + std::to_string(lines_[row]) + " of \"" + path_ + "\", column \"" + column + "\"";
}

std::vector<std::optional<std::string>> TableFile::text(const std::string& column) const {
    const std::size_t at = index_of(column);
    std::vector<std::optional<std::string>> out;
    for (const auto& row : cells_) {
        if (is_missing(row[at])) {
            out.emplace_back();
        } else {
            out.emplace_back(row[at]);
        }
    }
    return out;
}

std::vector<double> TableFile::numbers(const std::string& column) const {
    std::vector<double> out;
    for (const auto& cell : text(column)) {
        double value = std::numeric_limits<double>::quiet_NaN();
        if (cell) {
            const auto number = number_in(*cell);
            if (!number) throw InputError("\"" + *cell + "\" is not a number: " + place(out.size(), column) + ".");
            value = *number;
        }
        out.push_back(value);
    }
    return out;
}

std::vector<double> TableFile::outcomes(const std::string& column) const {
    std::vector<double> out;
    for (const auto& cell : text(column)) {
        double value = std::numeric_limits<double>::quiet_NaN();
        if (cell) {
            const std::string word = lower(*cell);
            if (word == "1" || word == "yes" || word == "true" || word == "1.0") {
                value = 1.0;
            } else if (word == "0" || word == "no" || word == "false" || word == "0.0") {
                value = 0.0;
            } else {
                throw InputError("\"" + *cell +
                                 "\" is neither 1/0, yes/no nor true/false: " + place(out.size(), column) + ".");
            }
        }
        out.push_back(value);
    }
    return out;
}

std::string csv_text(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows) {
    std::string out;
    const auto add = [&](const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) out += ',';
            if (cells[i].find_first_of(",\"\n\r") == std::string::npos) {
                out += cells[i];
                continue;
            }
            out += '"';
            for (const char c : cells[i]) out += c == '"' ? std::string("\"\"") : std::string(1, c);
            out += '"';
        }
        out += '\n';
    };
    add(columns);
    for (const auto& row : rows) add(row);
    return out;
}

std::string csv_number(double value) {
    if (std::isnan(value)) return "";
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6);
    return {text, end.ptr};
}

}  // namespace precentral::cohort
