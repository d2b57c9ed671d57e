// SPDX-License-Identifier: Apache-2.0
#include "data/hash.h"

#include <QCryptographicHash>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "data/error.h"

namespace precentral {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 18;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

struct Sha256::Impl {
    QCryptographicHash hash{QCryptographicHash::Sha256};
};
Sha256::Sha256() : impl_(std::make_unique<Impl>()) {}
Sha256::~Sha256() = default;
void Sha256::add(const void* bytes, std::size_t count) {
    impl_->hash.addData(QByteArrayView(static_cast<const char*>(bytes), static_cast<qsizetype>(count)));
}
std::string Sha256::hex() const { return impl_->hash.result().toHex().toStdString(); }

std::string sha256_of_file(const std::string& path) {
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) throw InputError(path + " is a folder; a file is expected here.");
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
    if (!file) {
        throw InputError(path + " cannot be opened: " + std::generic_category().message(errno) + ".");
    }
    Sha256 hash;
    std::vector<char> piece(kPieceBytes);
    std::size_t read = 0;
    while ((read = std::fread(piece.data(), 1, piece.size(), file.get())) > 0) {
        hash.add(piece.data(), read);
    }
    if (std::ferror(file.get()) != 0) {
        throw InputError(path + " cannot be read to its end: " + std::generic_category().message(errno) + ".");
    }
    return hash.hex();
}

std::string sha256_of(std::string_view bytes) {
    const QByteArrayView view(bytes.data(), static_cast<qsizetype>(bytes.size()));
    return QCryptographicHash::hash(view, QCryptographicHash::Sha256).toHex().toStdString();
}

}  // namespace precentral
