// SPDX-License-Identifier: Apache-2.0
#include "imaging/orientation.h"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "data/error.h"

namespace precentral {
namespace {

using Eigen::Affine3d;
using Eigen::Matrix3d;
using Eigen::Matrix4d;
using Eigen::Vector3d;

constexpr double kFormsAgreeMm = 0.1;
constexpr double kSpacingAgrees = 0.01;  // relative

// LPS (DICOM, ITK) and RAS differ by the sign of the first two axes.
const Vector3d kRasFromLps(-1.0, -1.0, 1.0);

constexpr std::array<const char*, 3> kAxisNames = {"first axis (i)", "second axis (j)", "third axis (k)"};

std::string in_mm(double value, int digits = 1) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f mm", digits, value);
    return text.data();
}

Matrix4d homogeneous(const Matrix3d& linear, const Vector3d& translation) {
    Matrix4d m = Matrix4d::Identity();
    m.topLeftCorner<3, 3>() = linear;
    m.topRightCorner<3, 1>() = translation;
    return m;
}

double length_scale(int spatial_units) {
    if (spatial_units == 1) return 1000.0;
    if (spatial_units == 3) return 0.001;
    return 1.0;
}

// nifti1.h method 2: a unit quaternion (a, b, c, d) with a = sqrt(1 - b² - c² - d²), the voxel size, and qfac = -1 for
// a left-handed grid.
Matrix4d qform_matrix(const NiftiOrientation& header) {
    const auto [b, c, d] = header.quaternion_bcd;
    const double rest = 1.0 - (b * b + c * c + d * d);
    Eigen::Quaterniond q(rest > 1e-7 ? std::sqrt(rest) : 0.0, b, c, d);
    q.normalize();  // rounding in the file may leave b² + c² + d² a little above 1
    const double qfac = header.pixdim[0] < 0.0 ? -1.0 : 1.0;
    const Vector3d size(header.pixdim[1], header.pixdim[2], qfac * header.pixdim[3]);
    const Matrix3d linear = q.toRotationMatrix() * size.asDiagonal();
    return homogeneous(linear, {header.qoffset[0], header.qoffset[1], header.qoffset[2]});
}

Matrix4d sform_matrix(const NiftiOrientation& header) {
    Matrix4d m = Matrix4d::Identity();
    for (Eigen::Index row = 0; row < 3; ++row) {
        for (Eigen::Index column = 0; column < 4; ++column) {
            m(row, column) = header.srow[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
        }
    }
    return m;
}

// The ANALYZE habit: the first axis runs from right to left, the middle of the box is the origin.
Matrix4d habit_matrix(const NiftiOrientation& header, const std::array<int, 3>& dims) {
    const Vector3d size(-header.pixdim[1], header.pixdim[2], header.pixdim[3]);
    const Vector3d centre(0.5 * (dims[0] - 1), 0.5 * (dims[1] - 1), 0.5 * (dims[2] - 1));
    return homogeneous(size.asDiagonal(), -(size.cwiseProduct(centre)));
}

double largest_corner_distance(const Matrix4d& a, const Matrix4d& b, const std::array<int, 3>& dims) {
    double largest = 0.0;
    for (int corner = 0; corner < 8; ++corner) {
        const Eigen::Vector4d voxel((corner & 1) != 0 ? dims[0] - 1 : 0, (corner & 2) != 0 ? dims[1] - 1 : 0,
                                    (corner & 4) != 0 ? dims[2] - 1 : 0, 1.0);
        largest = std::max(largest, ((a - b) * voxel).norm());
    }
    return largest;
}

bool usable(const Matrix4d& m) {
    const Matrix3d linear = m.topLeftCorner<3, 3>();
    const double scale = linear.norm();
    return m.allFinite() && std::abs(linear.determinant()) > 1e-9 * scale * scale * scale;
}

}  // namespace

Placement place_nifti(const NiftiOrientation& header, const std::array<int, 3>& dims, const std::string& file) {
    const bool spacing_stated = header.pixdim[1] > 0.0 && header.pixdim[2] > 0.0 && header.pixdim[3] > 0.0;
    const Matrix4d qform = qform_matrix(header);
    const Matrix4d sform = sform_matrix(header);
    const bool qform_usable = header.qform_code > 0 && spacing_stated && usable(qform);
    Placement out;
    Matrix4d chosen;
    const bool sform_usable = header.sform_code > 0 && usable(sform);
    if (header.sform_code > 0 && !sform_usable && !qform_usable) {
        throw InputError("The sform of " + file + " cannot be inverted, so where its voxels are is not known.");
    }
    if (sform_usable) {
        chosen = sform;
        out.source = "sform";
        const double apart = largest_corner_distance(sform, qform, dims) * length_scale(header.spatial_units);
        const std::string in_template =
            header.sform_code >= 3 ? " The sform says it is in template space, not where the scanner saw the head."
                                   : "";
        if (qform_usable && (sform.determinant() < 0.0) != (qform.determinant() < 0.0)) {
            out.warnings.push_back(
                "The file states two positions (sform and qform) that are mirror images of each other, so one has left "
                "and right swapped; the sform is used. Do not navigate on it before the side is confirmed." +
                in_template);
        } else if (qform_usable && apart > kFormsAgreeMm) {
            out.warnings.push_back("The file states two positions (sform and qform) that differ by up to " +
                                   in_mm(apart) + "; the sform is used. Check which one your other programs use." +
                                   in_template);
        }
    } else if (qform_usable) {
        chosen = qform;
        out.source = "qform";
        if (header.sform_code > 0) {
            out.warnings.emplace_back("The sform of the file cannot be inverted; the qform is used.");
        }
    } else if (header.qform_code > 0) {
        throw InputError("The qform of " + file + " is broken, so where its voxels are is not known.");
    } else {
        if (!spacing_stated) throw InputError("The header of " + file + " states no voxel size.");
        chosen = habit_matrix(header, dims);
        if (!usable(chosen)) throw InputError("The header of " + file + " states no usable voxel size.");
        out.source = "header";
        out.warnings.emplace_back(kSideUnknown);
    }
    if (spacing_stated && sform_usable) {
        for (Eigen::Index axis = 0; axis < 3; ++axis) {
            const double stated = header.pixdim[static_cast<std::size_t>(axis) + 1];
            const double placed = chosen.block<3, 1>(0, axis).norm();
            if (std::abs(stated - placed) > kSpacingAgrees * placed) {
                out.warnings.push_back("The voxel size in the header (" + in_mm(stated, 3) + " along the " +
                                       kAxisNames[static_cast<std::size_t>(axis)] + ") disagrees with the affine (" +
                                       in_mm(placed, 3) + "); the affine is used.");
                break;
            }
        }
    }
    const double scale = length_scale(header.spatial_units);
    if (scale != 1.0) {
        chosen.topRows<3>() *= scale;
        out.warnings.emplace_back("The file states lengths in metres or micrometres; they were turned into mm.");
    }
    out.scan_from_voxel = AffineMap<Scan, Voxel>::checked(chosen, file);
    return out;
}

NiftiOrientation nifti_orientation_of(const AffineMap<Scan, Voxel>& scan_from_voxel) {
    const Matrix4d m = scan_from_voxel.matrix();
    NiftiOrientation out;
    out.sform_code = 1;  // scanner anatomical
    for (Eigen::Index row = 0; row < 3; ++row) {
        for (Eigen::Index column = 0; column < 4; ++column) {
            out.srow[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = m(row, column);
        }
    }
    const Vector3d size = m.topLeftCorner<3, 3>().colwise().norm();
    Matrix3d axes = m.topLeftCorner<3, 3>() * size.cwiseInverse().asDiagonal();
    out.pixdim = {1.0, size[0], size[1], size[2]};
    if (axes.determinant() < 0.0) {
        out.pixdim[0] = -1.0;
        axes.col(2) = -axes.col(2);
    }
    if ((axes.transpose() * axes - Matrix3d::Identity()).cwiseAbs().maxCoeff() > 1e-5) return out;  // it shears
    Eigen::Quaterniond q(axes);
    if (q.w() < 0.0) q.coeffs() = -q.coeffs();
    out.qform_code = 1;
    out.quaternion_bcd = {q.x(), q.y(), q.z()};
    out.qoffset = {m(0, 3), m(1, 3), m(2, 3)};
    return out;
}

AffineMap<Scan, Voxel> scan_from_itk_grid(const ItkGrid& grid, const std::string& file) {
    const Matrix3d linear = kRasFromLps.asDiagonal() * grid.direction * grid.spacing.asDiagonal();
    return AffineMap<Scan, Voxel>::checked(homogeneous(linear, kRasFromLps.cwiseProduct(grid.origin)), file);
}

Placement place_nrrd(const std::string& space, const Matrix3d& steps, const Vector3d& origin, const std::string& file) {
    Placement out;
    Vector3d flip = kRasFromLps;
    if (space == "right-anterior-superior" || space == "ras") {
        flip = {1.0, 1.0, 1.0};
    } else if (space == "left-anterior-superior" || space == "las") {
        flip = {-1.0, 1.0, 1.0};
    } else if (space == "left-posterior-superior" || space == "lps") {
        flip = kRasFromLps;
    } else if (space.empty() || space == "3d-right-handed" || space == "3d-left-handed") {
        out.warnings.emplace_back(kSideUnknown);
    } else {
        throw InputError(file + " is placed in a space that is not the patient's.");
    }
    out.source = "header";
    out.scan_from_voxel =
        AffineMap<Scan, Voxel>::checked(homogeneous(flip.asDiagonal() * steps, flip.cwiseProduct(origin)), file);
    return out;
}

Point<Scan> scan_point_from_itk(const Vector3d& itk_point) { return {kRasFromLps.cwiseProduct(itk_point)}; }
Vector3d itk_point_from_scan(const Point<Scan>& point) { return kRasFromLps.cwiseProduct(point.xyz); }

AffineMap<Scan, Voxel> scan_from_mgh(const Vector3d& spacing, const Matrix3d& cosines, const Vector3d& centre,
                                     const std::array<int, 3>& dims, const std::string& file) {
    const Matrix3d linear = cosines * spacing.asDiagonal();
    const Vector3d half(0.5 * dims[0], 0.5 * dims[1], 0.5 * dims[2]);
    return AffineMap<Scan, Voxel>::checked(homogeneous(linear, centre - linear * half), file);
}

std::string orientation_letters(const AffineMap<Scan, Voxel>& scan_from_voxel) {
    const Matrix3d axes = scan_from_voxel.affine().linear().colwise().normalized();
    const std::array<std::array<char, 2>, 3> letters = {{{'R', 'L'}, {'A', 'P'}, {'S', 'I'}}};
    // Each world axis is given to one voxel axis; the clearest pair is settled first, so oblique grids stay unique.
    std::string out = "???";
    std::array<bool, 3> row_taken{};
    std::array<bool, 3> column_taken{};
    for (int round = 0; round < 3; ++round) {
        std::size_t best_row = 0;
        std::size_t best_column = 0;
        double best = -1.0;
        for (std::size_t row = 0; row < 3; ++row) {
            for (std::size_t column = 0; column < 3; ++column) {
                if (row_taken[row] || column_taken[column]) continue;
                const double along = std::abs(axes(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)));
                if (along > best) {
                    best = along;
                    best_row = row;
                    best_column = column;
                }
            }
        }
        row_taken[best_row] = column_taken[best_column] = true;
        const double sign = axes(static_cast<Eigen::Index>(best_row), static_cast<Eigen::Index>(best_column));
        out[best_column] = letters[best_row][sign < 0.0 ? 1 : 0];
    }
    return out;
}

double axes_off_square_deg(const AffineMap<Scan, Voxel>& scan_from_voxel) {
    const Matrix3d axes = scan_from_voxel.affine().linear().colwise().normalized();
    const double largest = std::max({std::abs(axes.col(0).dot(axes.col(1))), std::abs(axes.col(0).dot(axes.col(2))),
                                     std::abs(axes.col(1).dot(axes.col(2)))});
    return std::asin(std::min(1.0, largest)) * 180.0 / 3.14159265358979323846;
}

LeftAndRight left_and_right(const AffineMap<Scan, Voxel>& scan_from_voxel) {
    const std::string letters = orientation_letters(scan_from_voxel);
    const std::size_t axis = letters.find_first_of("RL");
    LeftAndRight out;
    out.left_is = std::string("at the ") + (letters[axis] == 'R' ? "low" : "high") + " end of the " + kAxisNames[axis];
    out.mirrored = scan_from_voxel.affine().linear().determinant() < 0.0;
    return out;
}

std::array<double, 16> vtk_elements(const Matrix4d& matrix) {
    std::array<double, 16> out{};
    for (Eigen::Index row = 0; row < 4; ++row) {
        for (Eigen::Index column = 0; column < 4; ++column) {
            out[static_cast<std::size_t>(4 * row + column)] = matrix(row, column);
        }
    }
    return out;
}

}  // namespace precentral
