// SPDX-License-Identifier: Apache-2.0
// precentral image …: what an image file or DICOM folder is and where it lies, and the same image as NIfTI.
#include <cstdio>
#include <filesystem>
#include <memory>

#include "data/error.h"
#include "imaging/volume_io.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

const char* voxel_order(const ImageInfo& info) { return info.mirrored ? "radiological" : "neurological"; }

void print_info(const std::string& path, bool json) {
    const ImageInfo info = image_info(path);
    if (json) {
        const nlohmann::json out{{"dims", info.dims},
                                 {"spacing_mm", to_json(info.spacing_mm)},
                                 {"ras_from_voxel", to_json(info.ras_from_voxel.matrix())},
                                 {"affine_source", info.affine_source},
                                 {"orientation", info.orientation},
                                 {"left_is", info.left_is},
                                 {"voxel_order", voxel_order(info)},
                                 {"mirrored", info.mirrored},
                                 {"format", info.format},
                                 {"warnings", info.warnings}};
        std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return;
    }
    std::printf("%s, %d × %d × %d voxels of %.3f × %.3f × %.3f mm\n", info.format.c_str(), info.dims[0], info.dims[1],
                info.dims[2], info.spacing_mm.x(), info.spacing_mm.y(), info.spacing_mm.z());
    std::printf("axes run towards %s; affine from the %s\n", info.orientation.c_str(), info.affine_source.c_str());
    std::printf("the patient's left is %s; the order of the voxels %s\n", info.left_is.c_str(),
                info.mirrored ? "mirrors the patient (radiological): drawn as stored, left is on the right"
                              : "does not mirror the patient (neurological)");
    const Eigen::Matrix4d m = info.ras_from_voxel.matrix();
    for (int row = 0; row < 3; ++row) {
        std::printf("  %9.4f %9.4f %9.4f %10.4f\n", m(row, 0), m(row, 1), m(row, 2), m(row, 3));
    }
    for (const std::string& warning : info.warnings) std::printf("warning: %s\n", warning.c_str());
}

void convert(const std::string& from, const std::string& to, bool force) {
    std::error_code ignored;
    if (!force && std::filesystem::exists(to, ignored)) {
        throw InputError("The file " + to + " is there already; give another name, or --force to replace it.");
    }
    const LoadedImage image = load_image(from);
    write_nifti(image.volume, to);
    for (const std::string& warning : image.info.warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
}

}  // namespace

void add_image(CLI::App& app) {
    CLI::App* image = app.add_subcommand("image", "An MRI: what it is, where it lies");
    image->require_subcommand(1);
    auto path = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    auto force = std::make_shared<bool>(false);
    CLI::App* info =
        image->add_subcommand("info", "Size, spacing, RAS affine and its source, left and right, warnings");
    info->add_option("PATH", *path, "NIfTI, MGZ, NRRD, MetaImage, a DICOM folder, or one file of a series")->required();
    info->add_flag("--json", *json);
    info->footer("Example: precentral image info DICOM/ --json");
    info->callback([=] { print_info(*path, *json); });
    CLI::App* to_nifti = image->add_subcommand("convert", "To NIfTI, at the same place");
    to_nifti->add_option("PATH", *path)->required();
    to_nifti->add_option("OUT", *out, "out.nii.gz")->required();
    to_nifti->add_flag("--force", *force, "Replace OUT when it is there");
    to_nifti->footer("Example: precentral image convert DICOM/ t1.nii.gz");
    to_nifti->callback([=] { convert(*path, *out, *force); });
}

}  // namespace precentral::cli
