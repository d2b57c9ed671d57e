// SPDX-License-Identifier: Apache-2.0
// The one door between our scan space (RAS+, mm, voxel centres) and the conventions of files and libraries.
//
// Formats say where a voxel is in different ways: NIfTI by a quaternion or by three rows, DICOM and ITK with two axes
// pointing the other way, FreeSurfer by the centre of the box, VTK by a row-major matrix. All of that is turned into
// `AffineMap<Scan, Voxel>` here and nowhere else.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "data/frames.h"

namespace precentral {

// Where a file's voxels are, which of its statements was believed, and what to tell the user about it.
struct Placement {
    AffineMap<Scan, Voxel> scan_from_voxel;
    std::string source;  // "sform", "qform", "DICOM", "header", …
    std::vector<std::string> warnings;
};

// The orientation fields of a NIfTI-1 or NIfTI-2 header, as written in the file.
struct NiftiOrientation {
    int qform_code = 0;
    int sform_code = 0;
    std::array<double, 4> pixdim{1.0, 1.0, 1.0, 1.0};  // [0] is qfac
    std::array<double, 3> quaternion_bcd{};
    std::array<double, 3> qoffset{};
    std::array<std::array<double, 4>, 3> srow{};
    int spatial_units = 2;  // 1 metre, 2 mm, 3 micrometre, 0 not said (taken as mm)
};

// The sform when its code is above zero and it can be inverted, else the qform; with neither code, the ANALYZE habit
// (first axis from right to left, centred), and a warning that the sides are not known. Warns when sform and qform
// place a corner of the image more than 0.1 mm apart, when one mirrors the other, and when the voxel size disagrees
// with the affine. Throws InputError naming `file` when the affine believed in cannot be inverted. Definitions:
// nifti1.h, "methods 1 to 3".
Placement place_nifti(const NiftiOrientation& header, const std::array<int, 3>& dims, const std::string& file);

// A NRRD grid: `steps` by columns, in the space the file names (in lower case); in none when it names none, with a
// warning that the sides are not known. Throws InputError naming `file` for a space that is not the patient's.
Placement place_nrrd(const std::string& space, const Eigen::Matrix3d& steps, const Eigen::Vector3d& origin,
                     const std::string& file);

// What is said of a file without orientation.
inline constexpr const char* kSideUnknown =
    "The file does not say where left and right are: the first axis is taken to run from right to left. Do not "
    "navigate "
    "on it before the side is confirmed.";

// The header fields that state this affine: sform always; qform too when the axes are perpendicular (code 0 otherwise).
NiftiOrientation nifti_orientation_of(const AffineMap<Scan, Voxel>& scan_from_voxel);

// A grid as ITK (and with it DICOM, NRRD and MetaImage) states it.
struct ItkGrid {
    Eigen::Vector3d origin = Eigen::Vector3d::Zero();
    Eigen::Vector3d spacing = Eigen::Vector3d::Ones();
    Eigen::Matrix3d direction = Eigen::Matrix3d::Identity();  // columns: the axes of i, j, k
};
AffineMap<Scan, Voxel> scan_from_itk_grid(const ItkGrid& grid, const std::string& file);

// A position of DICOM, ITK or GIFTI's scanner space written the other way round, in our scan space, and back.
Point<Scan> scan_point_from_itk(const Eigen::Vector3d& itk_point);
Eigen::Vector3d itk_point_from_scan(const Point<Scan>& point);

// The geometry of a FreeSurfer volume (MGH, MGZ): voxel size, direction cosines by columns, and the RAS position of the
// box centre, which is voxel dims/2.
AffineMap<Scan, Voxel> scan_from_mgh(const Eigen::Vector3d& spacing, const Eigen::Matrix3d& cosines,
                                     const Eigen::Vector3d& centre, const std::array<int, 3>& dims,
                                     const std::string& file);

// Where the patient's left is in the order of the voxels, e.g. "at the low end of the first axis (i)", and whether that
// order mirrors the patient: drawn as stored, a mirrored ("radiological") image has the patient's left on the right.
struct LeftAndRight {
    std::string left_is;
    bool mirrored = false;
};
LeftAndRight left_and_right(const AffineMap<Scan, Voxel>& scan_from_voxel);

// The largest angle by which two voxel axes miss being perpendicular.
double axes_off_square_deg(const AffineMap<Scan, Voxel>& scan_from_voxel);

// The way the first, second and third voxel axis mostly point: "RAS", "LIA", "PSR", …
std::string orientation_letters(const AffineMap<Scan, Voxel>& scan_from_voxel);

// Row-major, as vtkMatrix4x4::DeepCopy takes it.
std::array<double, 16> vtk_elements(const Eigen::Matrix4d& matrix);

}  // namespace precentral
