// SPDX-License-Identifier: Apache-2.0
// How each kind of value of a record is kept in a column: whole numbers, numbers, text. Times are UTC in ISO 8601;
// poses, points and lists are JSON, row by row, each number with all the digits it takes to get it back bit by bit.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "data/records.h"
#include "data/sql_connection.h"

namespace precentral {

// "[1,0.5,null]"; null stands for what is not a finite number, and is read back as NaN.
std::string to_json_numbers(std::span<const double> numbers);
// Fills all of `numbers`; throws Error unless there are exactly as many.
void from_json_numbers(std::string_view text, std::span<double> numbers);

inline SqlValue to_sql(bool v) { return std::int64_t{v ? 1 : 0}; }
inline SqlValue to_sql(int v) { return std::int64_t{v}; }
inline SqlValue to_sql(RecordId v) { return v; }
// A counter; beyond 2^63, which none reaches, it would read as negative but come back the same.
inline SqlValue to_sql(std::uint64_t v) { return std::bit_cast<std::int64_t>(v); }
inline SqlValue to_sql(double v) { return v; }
inline SqlValue to_sql(const std::string& v) { return v; }
inline SqlValue to_sql(Side v) { return std::string(to_word(v)); }
inline SqlValue to_sql(PulsePurpose v) { return std::string(to_word(v)); }
inline SqlValue to_sql(UtcTime v) { return to_iso8601(v); }
SqlValue to_sql(const Eigen::Vector3d& v);
SqlValue to_sql(const Eigen::Matrix4d& v);  // row by row
SqlValue to_sql(const std::array<int, 3>& v);
SqlValue to_sql(const std::vector<std::string>& v);
SqlValue to_sql(const std::vector<FiducialResidual>& v);
SqlValue to_sql(const std::vector<TouchedLandmark>& v);

// Each throws Error when the column holds something else, as after a foreign hand.
void from_sql(const SqlValue& from, bool& to);
void from_sql(const SqlValue& from, int& to);
void from_sql(const SqlValue& from, RecordId& to);
void from_sql(const SqlValue& from, std::uint64_t& to);
void from_sql(const SqlValue& from, double& to);  // NULL is NaN
void from_sql(const SqlValue& from, std::string& to);
void from_sql(const SqlValue& from, Side& to);
void from_sql(const SqlValue& from, PulsePurpose& to);
void from_sql(const SqlValue& from, UtcTime& to);
void from_sql(const SqlValue& from, Eigen::Vector3d& to);
void from_sql(const SqlValue& from, Eigen::Matrix4d& to);
void from_sql(const SqlValue& from, std::array<int, 3>& to);
void from_sql(const SqlValue& from, std::vector<std::string>& to);
void from_sql(const SqlValue& from, std::vector<FiducialResidual>& to);
void from_sql(const SqlValue& from, std::vector<TouchedLandmark>& to);

template <class F>
SqlValue to_sql(const Point<F>& v) {
    return to_sql(v.xyz);
}
template <class F>
void from_sql(const SqlValue& from, Point<F>& to) {
    from_sql(from, to.xyz);
}
template <class To, class From>
SqlValue to_sql(const Transform<To, From>& v) {
    return to_sql(Eigen::Matrix4d(v.matrix()));
}
// Taken as it is: the nearest rotation, as at the door for foreign matrices, would change the last bits.
template <class To, class From>
void from_sql(const SqlValue& from, Transform<To, From>& to) {
    Eigen::Matrix4d matrix;
    from_sql(from, matrix);
    Eigen::Isometry3d isometry;
    isometry.matrix() = matrix;
    to = Transform<To, From>(isometry);
}
template <class To, class From>
SqlValue to_sql(const AffineMap<To, From>& v) {
    return to_sql(Eigen::Matrix4d(v.matrix()));
}
template <class To, class From>
void from_sql(const SqlValue& from, AffineMap<To, From>& to) {
    Eigen::Matrix4d matrix;
    from_sql(from, matrix);
    to = AffineMap<To, From>(Eigen::Affine3d(matrix));
}
template <class T>
SqlValue to_sql(const std::optional<T>& v) {
    return v ? to_sql(*v) : SqlValue();
}
template <class T>
void from_sql(const SqlValue& from, std::optional<T>& to) {
    to.reset();
    if (std::holds_alternative<std::monostate>(from)) return;
    from_sql(from, to.emplace());
}

}  // namespace precentral
