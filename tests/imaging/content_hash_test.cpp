// SPDX-License-Identifier: Apache-2.0
#include "imaging/content_hash.h"

#include <gtest/gtest.h>

#include "data/error.h"
#include "data/hash.h"
#include "fixtures.h"

namespace precentral {
namespace {

std::string hash_of(const std::string& text) {
    Sha256 hash;
    hash.add(text.data(), text.size());
    return hash.hex();
}

// FIPS 180-2, appendix B, and the empty message.
TEST(ContentHash, KnownAnswers) {
    EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hash_of(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(ContentHash, DoesNotDependOnHowTheMessageIsCut) {
    const std::string text(777, 'x');
    for (std::size_t cut = 0; cut <= 200; ++cut) {
        Sha256 hash;
        hash.add(text.data(), cut);
        hash.add(text.data() + cut, text.size() - cut);
        EXPECT_EQ(hash.hex(), hash_of(text)) << cut;
    }
}

TEST(ContentHash, OfAFolderDependsOnContentNotOnNames) {
    TemporaryFolder one;
    TemporaryFolder other;
    write_bytes(one / "a", {1, 2, 3});
    write_bytes(one / "b", {4});
    write_bytes(other / "z", {1, 2, 3});
    write_bytes(other / "y", {4});
    EXPECT_EQ(content_sha256(one.path()), content_sha256(other.path()));
    write_bytes(other / "y", {5});
    EXPECT_NE(content_sha256(one.path()), content_sha256(other.path()));
    EXPECT_THROW(content_sha256(one / "missing"), InputError);
}

}  // namespace
}  // namespace precentral
