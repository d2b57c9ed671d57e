// SPDX-License-Identifier: Apache-2.0
#include "imaging/itk_io.h"

// ITK carries an older Eigen under the same include guards: ours, whole and first, keeps the two from mixing.
#include <Eigen/Dense>

#include <stdlib.h>

#include <itkGDCMImageIO.h>
#include <itkGDCMSeriesFileNames.h>
#include <itkImage.h>
#include <itkImageFileReader.h>
#include <itkImageSeriesReader.h>
#include <itkMetaDataObject.h>
#include <itkMetaImageIO.h>
#include <itkNrrdImageIO.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <sstream>

#include "data/error.h"
#include "imaging/orientation.h"

namespace precentral {
namespace {

using Image = itk::Image<float, 3>;
using Eigen::Vector3d;

Volume volume_of(const Image& image, const std::string& name, ItkGrid& grid) {
    const auto size = image.GetBufferedRegion().GetSize();
    Volume out;
    for (unsigned i = 0; i < 3; ++i) {
        out.dims[i] = static_cast<int>(size[i]);
        grid.origin[i] = image.GetOrigin()[i];
        grid.spacing[i] = image.GetSpacing()[i];
        for (unsigned j = 0; j < 3; ++j) grid.direction(i, j) = image.GetDirection()[i][j];
    }
    if (std::min({out.dims[0], out.dims[1], out.dims[2]}) < 2) {
        throw InputError(name + " is a single slice, not a volume; give the whole 3D T1.");
    }
    out.scan_from_voxel = scan_from_itk_grid(grid, name);
    const float* samples = image.GetBufferPointer();
    out.samples = std::make_shared<const std::vector<float>>(samples, samples + out.count());
    return out;
}

// What went wrong, without ITK's file name and line number.
std::string reason_of(const itk::ExceptionObject& error) {
    std::string text = error.GetDescription();
    const auto colon = text.find("): ");  // "ITK ERROR: Reader(0x…): the reason"
    if (colon != std::string::npos) text = text.substr(colon + 3);
    text = text.substr(0, text.find('\n'));
    while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
    return text;
}

// Refuses what would be averaged or cut silently: colour, 4D, 2D.
void require_plain_volume(itk::ImageIOBase& io, const std::string& name, std::vector<std::string>& warnings) {
    io.SetFileName(name);
    io.ReadImageInformation();
    if (io.GetNumberOfComponents() != 1) throw InputError(name + " is a colour image; give the T1 itself.");
    if (io.GetNumberOfDimensions() < 3) {
        throw InputError(name + " is a single slice, not a volume; give the whole 3D T1.");
    }
    if (io.GetNumberOfDimensions() > 3 && io.GetDimensions(3) > 1) {
        warnings.push_back("The file holds " + std::to_string(io.GetDimensions(3)) +
                           " volumes; the first one is used.");
    }
}

template <class ImageIo>
LoadedImage load_one(const std::string& name, const std::string& format, const std::string& source) {
    try {
        LoadedImage out;
        const auto io = ImageIo::New();
        if (!io->CanReadFile(name.c_str())) throw InputError(name + " is not a readable " + format + " file.");
        require_plain_volume(*io, name, out.info.warnings);
        const auto reader = itk::ImageFileReader<Image>::New();
        reader->SetImageIO(io);
        reader->SetFileName(name);
        reader->Update();
        ItkGrid grid;
        out.volume = volume_of(*reader->GetOutput(), name, grid);
        out.info.format = format;
        out.info.affine_source = source;
        return out;
    } catch (const itk::ExceptionObject& error) {
        throw InputError(name + " cannot be read as " + format + ": " + reason_of(error) + ".");
    }
}

std::optional<Vector3d> slice_position(const itk::MetaDataDictionary& tags) {
    std::string text;
    if (!itk::ExposeMetaData<std::string>(tags, "0020|0032", text)) return std::nullopt;
    std::replace(text.begin(), text.end(), '\\', ' ');
    std::istringstream in(text);
    Vector3d position;
    if (!(in >> position[0] >> position[1] >> position[2])) return std::nullopt;
    return position;
}

// The mean step from slice to slice, from their own positions. Throws InputError when steps differ (a slice is
// missing).
std::optional<Vector3d> slice_step(const std::vector<itk::MetaDataDictionary*>& slices) {
    if (slices.size() < 2) return std::nullopt;
    std::vector<Vector3d> positions;
    for (const auto* tags : slices) {
        const auto position = slice_position(*tags);
        if (!position) return std::nullopt;
        positions.push_back(*position);
    }
    const Vector3d step = (positions.back() - positions.front()) / static_cast<double>(positions.size() - 1);
    std::vector<double> steps;
    for (std::size_t i = 1; i < positions.size(); ++i) steps.push_back((positions[i] - positions[i - 1]).norm());
    std::vector<double> sorted = steps;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    const double usual = sorted[sorted.size() / 2];
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (std::abs(steps[i] - usual) > 0.05 * usual) {
            throw InputError("Slices are missing or unevenly spaced after slice " + std::to_string(i + 1) +
                             ": one step is " + std::to_string(steps[i]) + " mm, the usual one " +
                             std::to_string(usual) + " mm. Export the series again.");
        }
    }
    return step;
}

LoadedImage load_series(const std::vector<std::string>& files, const std::string& name,
                        std::vector<std::string> warnings) {
    const auto reader = itk::ImageSeriesReader<Image>::New();
    reader->SetImageIO(itk::GDCMImageIO::New());
    reader->SetFileNames(files);
    reader->ForceOrthogonalDirectionOff();
    reader->Update();
    LoadedImage out;
    ItkGrid grid;
    out.volume = volume_of(*reader->GetOutput(), name, grid);
    if (const auto step = slice_step(*reader->GetMetaDataDictionaryArray())) {
        grid.spacing[2] = step->norm();
        grid.direction.col(2) = step->normalized();
        const Vector3d normal = grid.direction.col(0).cross(grid.direction.col(1));
        if (std::abs(normal.dot(grid.direction.col(2))) < 0.9999) {
            warnings.emplace_back("The slices are stacked at a slant (tilted gantry); the affine keeps the slant.");
        }
        out.volume.scan_from_voxel = scan_from_itk_grid(grid, name);
    }
    out.info.warnings = std::move(warnings);
    out.info.format = "DICOM";
    out.info.affine_source = "DICOM";
    return out;
}

bool is_dicom(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 132> head{};
    return file.read(head.data(), head.size()) && std::memcmp(head.data() + 128, "DICM", 4) == 0;
}

// A folder of links to the DICOM files below another folder, gone with the object.
class DicomLinks {
public:
    explicit DicomLinks(const std::filesystem::path& source) {
        std::string pattern = (std::filesystem::temp_directory_path() / "precentral-dicom-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw Error("No temporary folder can be made for the DICOM series.");
        folder_ = pattern;
        namespace fs = std::filesystem;
        std::error_code failed;
        std::vector<fs::path> files;
        const auto options = fs::directory_options::skip_permission_denied;
        for (fs::recursive_directory_iterator it(source, options, failed), end; !failed && it != end;
             it.increment(failed)) {
            std::error_code ignored;
            if (it->is_regular_file(ignored) && is_dicom(it->path())) files.push_back(fs::absolute(it->path()));
        }
        std::sort(files.begin(), files.end());
        for (std::size_t i = 0; i < files.size(); ++i) fs::create_symlink(files[i], folder_ / std::to_string(i));
    }
    ~DicomLinks() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    DicomLinks(const DicomLinks&) = delete;
    DicomLinks& operator=(const DicomLinks&) = delete;
    const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
};

}  // namespace

LoadedImage load_nrrd_or_meta(const std::filesystem::path& path) {
    const std::string extension = path.extension().string();
    if (extension == ".mha" || extension == ".mhd") {
        return load_one<itk::MetaImageIO>(path.string(), "MetaImage", "header");
    }
    return load_one<itk::NrrdImageIO>(path.string(), "NRRD", "header");
}

LoadedImage load_dicom(const std::filesystem::path& path) {
    const std::string name = path.string();
    if (!std::filesystem::is_directory(path)) {
        return load_one<itk::GDCMImageIO>(name, "DICOM", "DICOM");
    }
    try {
        const auto series = itk::GDCMSeriesFileNames::New();
        series->SetUseSeriesDetails(true);
        series->SetRecursive(true);
        series->SetGlobalWarningDisplay(false);
        // GDCM ends the program on some files that are not DICOM, so it is shown only those that are.
        const DicomLinks dicom(path);
        series->SetDirectory(dicom.folder().string());
        const auto ids = series->GetSeriesUIDs();
        if (ids.empty()) throw InputError("The folder " + name + " holds no DICOM image.");
        std::vector<std::string> best;
        for (const auto& id : ids) {
            auto files = series->GetFileNames(id);
            if (files.size() > best.size()) best = std::move(files);
        }
        std::vector<std::string> warnings;
        if (ids.size() > 1) {
            warnings.push_back("The folder holds " + std::to_string(ids.size()) +
                               " series; the one with most slices (" + std::to_string(best.size()) + ") is used.");
        }
        if (best.size() == 1) {
            LoadedImage out = load_one<itk::GDCMImageIO>(best.front(), "DICOM", "DICOM");
            out.info.warnings.insert(out.info.warnings.begin(), warnings.begin(), warnings.end());
            return out;
        }
        return load_series(best, name, std::move(warnings));
    } catch (const itk::ExceptionObject& error) {
        throw InputError("The DICOM folder " + name + " cannot be read: " + reason_of(error) + ".");
    }
}

}  // namespace precentral
