// SPDX-License-Identifier: Apache-2.0
#include "data/hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/error.h"
#include "data/text_file.h"
#include "temporary_folder.h"

namespace precentral {
namespace {

// NIST FIPS 180-4 examples: https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values
TEST(Hash, KnownAnswers) {
    EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, OfAFileIsThatOfItsBytes) {
    const TemporaryFolder folder;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{262'144}, std::size_t{1'000'003}}) {
        std::string bytes(size, '\0');
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761U) >> 13);
        write_text_file(folder / "bytes", bytes);
        EXPECT_EQ(sha256_of_file(folder / "bytes"), sha256_of(bytes)) << size;
    }
}

TEST(Hash, SaysWhichFileCannotBeRead) {
    const TemporaryFolder folder;
    try {
        sha256_of_file(folder / "none.nii");
        FAIL() << "a missing file was read";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("none.nii cannot be opened: No such file"));
    }
    EXPECT_THROW(sha256_of_file(folder.path().string()), InputError);
}

}  // namespace
}  // namespace precentral
