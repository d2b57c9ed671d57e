// SPDX-License-Identifier: Apache-2.0
// precentral image …: what an MRI is.
#include <cstdio>
#include <memory>

#include "imaging/volume_io.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

void print_info(const std::string& path, bool json) {
    const ImageInfo info = image_info(path);
    if (json) {
        const nlohmann::json out{{"dims", info.dims},
                                 {"spacing_mm", to_json(info.spacing_mm)},
                                 {"ras_from_voxel", to_json(info.ras_from_voxel.matrix())},
                                 {"affine_source", info.affine_source},
                                 {"orientation", info.orientation},
                                 {"format", info.format},
                                 {"warnings", info.warnings}};
        std::printf("%s\n", out.dump(2).c_str());
        return;
    }
    std::printf("%s, %d × %d × %d voxels of %.3f × %.3f × %.3f mm\n", info.format.c_str(), info.dims[0], info.dims[1],
                info.dims[2], info.spacing_mm.x(), info.spacing_mm.y(), info.spacing_mm.z());
    std::printf("axes run towards %s; affine from the %s\n", info.orientation.c_str(), info.affine_source.c_str());
    const Eigen::Matrix4d m = info.ras_from_voxel.matrix();
    for (int row = 0; row < 3; ++row) {
        std::printf("  %9.4f %9.4f %9.4f %10.4f\n", m(row, 0), m(row, 1), m(row, 2), m(row, 3));
    }
    for (const std::string& warning : info.warnings) std::printf("warning: %s\n", warning.c_str());
}

}  // namespace

void add_image(CLI::App& app) {
    CLI::App* image = app.add_subcommand("image", "An MRI: what it is, where it lies");
    image->require_subcommand(1);
    auto path = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* info = image->add_subcommand("info", "Size, spacing, RAS affine and where it comes from, warnings");
    info->add_option("PATH", *path, "NIfTI, MGZ, NRRD, MetaImage, or a DICOM folder")->required();
    info->add_flag("--json", *json);
    info->callback([=] { print_info(*path, *json); });
    CLI::App* convert = image->add_subcommand("convert", "To NIfTI");
    convert->add_option("PATH", *path)->required();
    convert->add_option("OUT", *out, "out.nii.gz")->required();
    convert->callback([=] { write_nifti(read_volume(*path), *out); });
}

}  // namespace precentral::cli
