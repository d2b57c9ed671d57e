// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: whatever bytes an image file holds, it is read or refused in one sentence; never a crash.
// The first byte of an input chooses the file's ending, the rest is the file.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "data/error.h"
#include "imaging/volume_io.h"

namespace {

constexpr std::array<const char*, 6> kEndings = {".nii", ".mgh", ".dcm", ".nii.gz", ".nrrd", ".mha"};

// Removed at the end of the program.
struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string pattern = (std::filesystem::exists("/dev/shm") ? std::filesystem::path("/dev/shm")
                                                                   : std::filesystem::temp_directory_path()) /
                              "precentral-fuzz-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        path = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

// Which doors are fuzzed: PRECENTRAL_FUZZ_FORMATS=3 leaves out what other libraries parse.
std::size_t formats() {
    const char* text = std::getenv("PRECENTRAL_FUZZ_FORMATS");
    const std::size_t n = text == nullptr ? kEndings.size() : static_cast<std::size_t>(std::atoi(text));
    return n == 0 || n > kEndings.size() ? kEndings.size() : n;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Folder folder;
    static const std::size_t count = formats();
    if (size < 2) return 0;
    const std::filesystem::path path = folder.path / (std::string("image") + kEndings[data[0] % count]);
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (file < 0 || ::write(file, data + 1, size - 1) != static_cast<ssize_t>(size - 1)) std::abort();
    ::close(file);
    try {
        const precentral::LoadedImage image = precentral::load_image(path);
        if (image.volume.samples->size() != image.volume.count()) std::abort();
        if (!image.volume.scan_from_voxel.matrix().allFinite()) std::abort();
    } catch (const precentral::Error& error) {
        const std::string text = error.what();
        if (text.empty() || text.back() != '.' || text.find('\n') != std::string::npos) {
            std::fprintf(stderr, "not one sentence: %s\n", text.c_str());
            std::abort();
        }
    }
    ::unlink(path.c_str());
    return 0;
}
