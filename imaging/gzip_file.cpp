// SPDX-License-Identifier: Apache-2.0
#include "imaging/gzip_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "data/error.h"

namespace precentral {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 22;

gzFile handle(void* file) { return static_cast<gzFile>(file); }

}  // namespace

GzipReader::GzipReader(const std::filesystem::path& path) : file_(gzopen(path.c_str(), "rb")), path_(path) {
    if (file_ == nullptr) throw InputError("Cannot open " + path.string() + ".");
    gzbuffer(handle(file_), 1U << 18);
}

GzipReader::~GzipReader() { gzclose(handle(file_)); }

std::size_t GzipReader::read(void* to, std::size_t count) {
    std::size_t done = 0;
    while (done < count) {
        const auto wanted = static_cast<unsigned>(std::min(kChunk, count - done));
        const int got = gzread(handle(file_), static_cast<unsigned char*>(to) + done, wanted);
        int code = Z_OK;
        gzerror(handle(file_), &code);
        if (got < 0 || (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)) {
            throw InputError("The compressed data of " + path_.string() + " are damaged; copy the file again.");
        }
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

std::vector<unsigned char> GzipReader::read_exactly(std::size_t count) {
    std::vector<unsigned char> out;
    while (out.size() < count) {
        const std::size_t before = out.size();
        const std::size_t wanted = std::min(count - before, std::max(kChunk, before));
        out.resize(before + wanted);
        if (read(out.data() + before, wanted) != wanted) {
            throw InputError(path_.string() + " is cut short: the header promises more than the file holds.");
        }
    }
    return out;
}

void GzipReader::skip(std::size_t count) {
    std::array<unsigned char, 4096> unread{};
    while (count > 0) {
        const std::size_t part = std::min(count, unread.size());
        if (read(unread.data(), part) != part) {
            throw InputError(path_.string() + " is cut short: the header promises more than the file holds.");
        }
        count -= part;
    }
}

GzipWriter::GzipWriter(const std::filesystem::path& path, bool compressed)
    : file_(gzopen(path.c_str(), compressed ? "wb6" : "wbT")), path_(path) {
    if (file_ == nullptr) throw Error("Cannot write " + path.string() + ": is the folder there and writable?");
}

GzipWriter::~GzipWriter() {
    if (file_ != nullptr) gzclose(handle(file_));
}

void GzipWriter::write(const void* from, std::size_t count) {
    std::size_t done = 0;
    while (done < count) {
        const auto part = static_cast<unsigned>(std::min(kChunk, count - done));
        if (gzwrite(handle(file_), static_cast<const unsigned char*>(from) + done, part) != static_cast<int>(part)) {
            throw Error("Writing " + path_.string() + " failed: is the disk full?");
        }
        done += part;
    }
}

void GzipWriter::close() {
    if (gzclose(handle(std::exchange(file_, nullptr))) != Z_OK) {
        throw Error("Writing " + path_.string() + " failed: is the disk full?");
    }
}

std::vector<unsigned char> inflated(std::span<const unsigned char> packed, Packing packing, std::size_t most,
                                    const std::string& file) {
    z_stream stream{};
    if (inflateInit2(&stream, packing == Packing::deflate ? -MAX_WBITS : MAX_WBITS + 32) != Z_OK) {
        throw Error("There is not enough memory to read " + file + ".");
    }
    std::vector<unsigned char> out;
    int code = Z_OK;
    while (code == Z_OK && out.size() < most) {
        if (stream.avail_in == 0) {
            const std::size_t part = std::min(kChunk, packed.size());
            stream.next_in = const_cast<unsigned char*>(packed.data());
            stream.avail_in = static_cast<unsigned>(part);
            packed = packed.subspan(part);
        }
        const std::size_t before = out.size();
        const std::size_t wanted = std::min({kChunk, most - before, std::max<std::size_t>(4096, before)});
        out.resize(before + wanted);
        stream.next_out = out.data() + before;
        stream.avail_out = static_cast<unsigned>(wanted);
        code = inflate(&stream, Z_NO_FLUSH);
        out.resize(before + wanted - stream.avail_out);
    }
    inflateEnd(&stream);
    if (code != Z_STREAM_END && out.size() < most) {
        throw InputError("The compressed data of " + file + " are damaged or cut short; copy the file again.");
    }
    return out;
}

}  // namespace precentral
