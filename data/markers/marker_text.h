// SPDX-License-Identifier: Apache-2.0
// What the readers and writers of marker files share: the door that poses enter by, tables, numbers.
#pragma once

#include <Eigen/Geometry>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/markers/coil_axes.h"
#include "data/markers/marker_files.h"

namespace precentral::markers {

// Into RAS and our coil axes; refuses what is no pose. `where`: the place in the file, for sentences.
class PoseDoor {
public:
    PoseDoor(std::string file, CoilAxes axes, bool nearest_rotation)
        : file_(std::move(file)), axes_(axes), nearest_rotation_(nearest_rotation) {}

    void set_axes(CoilAxes axes) { axes_ = axes; }
    void set_ras_from_file(const Eigen::Matrix3d& ras_from_file) { ras_from_file_ = ras_from_file; }
    // Columns x, y, z of the coil and its centre, as the file has them, mm.
    Transform<MarkerSpace, Coil> pose(const Eigen::Matrix3d& axes, const Eigen::Vector3d& centre_mm,
                                      const std::string& where);
    Point<MarkerSpace> point(const Eigen::Vector3d& xyz_mm, const std::string& where) const;
    // What has been made a rotation, as a sentence.
    void tell(std::vector<std::string>& warnings) const;
    const std::string& file() const { return file_; }
    [[noreturn]] void refuse(const std::string& where, const std::string& why) const;

private:
    std::string file_;
    CoilAxes axes_;
    bool nearest_rotation_;
    Eigen::Matrix3d ras_from_file_ = Eigen::Matrix3d::Identity();
    int made_rotations_ = 0;
};

// The way back: columns x, y, z in their axes.
Eigen::Matrix3d axes_out(const Transform<MarkerSpace, Coil>& pose, CoilAxes axes);

// The cells of one line; quotes as in RFC 4180 (on one line only).
std::vector<std::string> cells_of(std::string_view line, char between);
std::string joined(const std::vector<std::string>& cells, char between);
std::vector<std::string_view> lines_of(std::string_view text);

// Cells by the name of their column.
class Header {
public:
    explicit Header(std::vector<std::string> names);
    bool has(const std::string& name) const { return places_.contains(name); }
    // "" when there is no such column or the line is shorter.
    const std::string& at(const std::vector<std::string>& cells, const std::string& name) const;
    const std::vector<std::string>& names() const { return names_; }

private:
    std::vector<std::string> names_;
    std::map<std::string, std::size_t> places_;
};

// The fewest digits that read back the same; "" when not finite.
std::string digits(double value);
std::string digits(const std::optional<double>& value);
std::string fixed(double value, int decimals);
// A number where there must be one.
double required(const PoseDoor& door, const std::string& text, const std::string& where, const std::string& what);

// "3 pulses", "1 pulse"
std::string counted(int n, const char* one, const char* many);

}  // namespace precentral::markers
