// SPDX-License-Identifier: Apache-2.0
// A table of a cohort in a CSV file, one row a patient, with named columns.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace precentral::cohort {

class TableFile {
public:
    // Comma separated with a header line; quotes as in RFC 4180; a UTF-8 mark and CRLF are accepted. Throws InputError
    // naming the file and the line: missing, empty, no header, a column named twice, a row of another width.
    explicit TableFile(const std::string& path);
    // The same of text that is at hand; `name` stands in messages where a path would.
    static TableFile from_text(const std::string& text, const std::string& name);

    const std::string& name() const { return path_; }
    bool has(const std::string& column) const;
    std::size_t rows() const { return cells_.size(); }
    const std::vector<std::string>& columns() const { return columns_; }
    // Empty, NA, NaN and null (any case) are missing. Throws InputError naming the columns there are.
    std::vector<std::optional<std::string>> text(const std::string& column) const;
    // Missing is NaN. Throws InputError naming the line of what is not a number.
    std::vector<double> numbers(const std::string& column) const;
    // 1 or 0 and NaN for missing, from 1/0, yes/no, true/false (any case). Throws InputError naming the line otherwise.
    std::vector<double> outcomes(const std::string& column) const;

    // The rows where `keep` is true, in their order.
    TableFile where(const std::vector<bool>& keep) const;

private:
    TableFile() = default;
    void take(const std::string& text);
    std::size_t index_of(const std::string& column) const;
    std::string place(std::size_t row, const std::string& column) const;

    std::string path_;
    std::vector<std::string> columns_;
    std::vector<std::vector<std::string>> cells_;
    std::vector<int> lines_;  // where each row begins in the file
};

// A table as RFC 4180 text, quoted where a cell needs it; every row as wide as `columns`.
std::string csv_text(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows);
// Six significant digits or fewer; "" for NaN, which reads back as missing.
std::string csv_number(double value);

}  // namespace precentral::cohort
