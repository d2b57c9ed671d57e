// SPDX-License-Identifier: Apache-2.0
// The vault gives identities to who has the passphrase, and nothing to anyone else.
#include "data/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <random>
#include <thread>

#include "data/error.h"
#include "data/text_file.h"
#include "temporary_folder.h"

namespace precentral {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr VaultCost kCheap{1, 8192};
const std::string kPassphrase = "correct horse battery";
const Identity kIdentity{"Zoé Ångström-Doe", "1951-02-29", "H-0042"};

template <class Work>
std::string failure_of(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return "no failure";
}

struct VaultFile : testing::Test {
    TemporaryFolder folder;
    std::string file = folder / "store.vault";
};

TEST_F(VaultFile, GivesBackWhatWasPutIn) {
    {
        Vault vault = Vault::make(file, kPassphrase, kCheap);
        vault.add("PRC-AAAAAAAA", kIdentity);
        vault.add("PRC-BBBBBBBB", {"\xFF not text", "", ""});
        vault.add("PRC-AAAAAAAA", kIdentity);  // the same again is no harm
        EXPECT_THROW(vault.add("PRC-AAAAAAAA", {"Someone Else", "", ""}), InputError);
    }
    const Vault vault = Vault::open(file, kPassphrase);
    EXPECT_EQ(vault.identity_of("PRC-AAAAAAAA"), kIdentity);
    EXPECT_THAT(vault.codes(), testing::ElementsAre("PRC-AAAAAAAA", "PRC-BBBBBBBB"));
    EXPECT_THROW(vault.identity_of("PRC-CCCCCCCC"), InputError);
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_FALSE(std::filesystem::exists(file + ".partial"));
    const std::string content = read_text_file(file);
    for (const char* secret : {"ngstr", "1951", "H-0042", "PRC-", "correct"}) {
        EXPECT_THAT(content, Not(HasSubstr(secret)));
    }
    EXPECT_THROW(Vault::make(file, kPassphrase, kCheap), InputError);
    EXPECT_EQ(read_text_file(file), content);
    EXPECT_THROW(Vault::make(folder / "other", "short", kCheap), InputError);
    EXPECT_THROW(Vault::open(folder / "none", kPassphrase), InputError);
}

TEST_F(VaultFile, AWrongPassphraseIsSaidAndRevealsNothing) {
    Vault::make(file, kPassphrase, kCheap).add("PRC-AAAAAAAA", kIdentity);
    for (const std::string& wrong :
         {std::string(), std::string("correct horse batterz"), kPassphrase + " ", kPassphrase + std::string(1, '\0')}) {
        EXPECT_THAT(failure_of([&] { Vault::open(file, wrong); }),
                    AllOf(HasSubstr("The passphrase of " + file + " is wrong"), Not(HasSubstr("ngstr")),
                          Not(HasSubstr("PRC-"))));
    }
}

TEST_F(VaultFile, EveryByteAlteredAndEveryLengthCutIsRefused) {
    Vault::make(file, kPassphrase, kCheap).add("PRC-AAAAAAAA", kIdentity);
    const std::string right = read_text_file(file);
    std::mt19937 random(1);
    const std::string other = folder / "other.vault";
    for (std::size_t i = 0; i < right.size(); ++i) {
        std::string altered = right;
        // The cost is kept small enough to try: its higher bytes are refused by their size.
        altered[i] = static_cast<char>(altered[i] ^ (1 << (i >= 8 && i < 24 ? 7 : random() % 8)));
        write_text_file(other, altered);
        EXPECT_THAT(failure_of([&] { Vault::open(other, kPassphrase); }),
                    AllOf(HasSubstr(other), testing::AnyOf(HasSubstr("altered"), HasSubstr("not a vault"))))
            << "byte " << i;
        write_text_file(other, right.substr(0, i));
        EXPECT_THAT(failure_of([&] { Vault::open(other, kPassphrase); }),
                    AllOf(HasSubstr(other), testing::AnyOf(HasSubstr("cut short"), HasSubstr("not a vault"))))
            << "cut at " << i;
    }
    write_text_file(other, right + "x");
    EXPECT_THROW(Vault::open(other, kPassphrase), InputError);
    std::string last = right;
    last.back() = static_cast<char>(last.back() ^ 1);
    write_text_file(other, last);
    EXPECT_THAT(failure_of([&] { Vault::open(other, kPassphrase); }),
                HasSubstr("was altered; the passphrase is right"));
}

TEST_F(VaultFile, LocksItselfAndOnRequest) {
    Vault vault = Vault::make(file, kPassphrase, kCheap);
    vault.add("PRC-AAAAAAAA", kIdentity);
    vault.set_auto_lock(std::chrono::milliseconds(30));
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    EXPECT_TRUE(vault.is_locked());
    EXPECT_THAT(failure_of([&] { vault.identity_of("PRC-AAAAAAAA"); }), HasSubstr("is locked"));
    vault = Vault::open(file, kPassphrase);
    EXPECT_FALSE(vault.is_locked());
    vault.lock();
    EXPECT_TRUE(vault.is_locked());
    EXPECT_THROW(vault.add("PRC-BBBBBBBB", kIdentity), InputError);
    EXPECT_THROW(vault.codes(), InputError);
}

TEST_F(VaultFile, ThePassphraseIsChangedOnlyByWhoKnowsIt) {
    Vault vault = Vault::make(file, kPassphrase, kCheap);
    vault.add("PRC-AAAAAAAA", kIdentity);
    const std::string before = read_text_file(file);
    EXPECT_THROW(vault.change_passphrase("not the right one", "another long one", kCheap), InputError);
    EXPECT_THROW(vault.change_passphrase(kPassphrase, "short", kCheap), InputError);
    EXPECT_EQ(read_text_file(file), before);
    vault.change_passphrase(kPassphrase, "another long one", kCheap);
    vault.add("PRC-BBBBBBBB", kIdentity);
    EXPECT_THROW(Vault::open(file, kPassphrase), InputError);
    EXPECT_EQ(Vault::open(file, "another long one").codes().size(), 2U);
    // Two at once: the later one is told, and loses nothing of the other's.
    Vault second = Vault::open(file, "another long one");
    vault.add("PRC-CCCCCCCC", kIdentity);
    EXPECT_THAT(failure_of([&] { second.add("PRC-DDDDDDDD", kIdentity); }), HasSubstr("changed by another program"));
    EXPECT_EQ(Vault::open(file, "another long one").codes().size(), 3U);
}

}  // namespace
}  // namespace precentral
