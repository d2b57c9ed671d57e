// SPDX-License-Identifier: Apache-2.0
#include "data/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <thread>
#include <vector>

#include "child_process.h"
#include "data/error.h"
#include "temporary_folder.h"

namespace precentral {
namespace {

using testing::HasSubstr;

std::size_t files_in(const TemporaryFolder& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(TextFile, RoundTripAndReplacement) {
    const TemporaryFolder folder;
    const std::string path = folder / "note.json";
    for (const std::string& text :
         {std::string("first"), std::string(), std::string("a\0b\r\n", 5), std::string(3'000'000, 'z')}) {
        write_text_file(path, text);
        EXPECT_EQ(read_text_file(path), text);
    }
    EXPECT_EQ(files_in(folder), 1U);
    std::filesystem::create_symlink(path, folder / "link");
    write_text_file(folder / "link", "through the link");
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
    EXPECT_EQ(read_text_file(path), "through the link");
}

TEST(TextFile, AReaderNeverSeesHalf) {
    const TemporaryFolder folder;
    const std::string path = folder / "shared";
    const std::string a(200'000, 'a');
    const std::string b(200'000, 'b');
    write_text_file(path, a);
    int seen = 0;
    {
        const std::jthread writer([&](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                write_text_file(path, b);
                write_text_file(path, a);
            }
        });
        for (; seen < 200; ++seen) {
            const std::string text = read_text_file(path);
            ASSERT_TRUE(text == a || text == b);
        }
    }
    EXPECT_EQ(files_in(folder), 1U);
}

TEST(TextFile, PlacesThatCannotBeWritten) {
    const TemporaryFolder folder;
    EXPECT_THROW(write_text_file(folder.path().string(), "x"), InputError);
    EXPECT_THROW(write_text_file(folder / "no/such/file", "x"), InputError);
    EXPECT_THROW(write_text_file("", "x"), InputError);
    EXPECT_THROW(write_text_file("/dev/null", "x"), InputError);
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
    ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
    const std::string path = folder / "file.csv";
    EXPECT_THAT(answer_of_ordinary_user([&]() -> std::string {
                    write_text_file(path, "x");
                    return "written";
                }),
                HasSubstr(path + " cannot be written: Permission denied"));
    EXPECT_EQ(files_in(folder), 0U);
}

TEST(TextFile, WithoutSpaceTheOldFileStays) {
    const TemporaryFolder folder;
    const std::string path = folder / "file.csv";
    write_text_file(path, "old");
    ChildProcess child([&](int answer) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1000, 1000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        write_text_file(path, std::string(100'000, 'x'));
        ChildProcess::say(answer, "written");
    });
    EXPECT_THAT(child.answer(), HasSubstr(path + " was not written: File too large. Make space"));
    EXPECT_EQ(read_text_file(path), "old");
    EXPECT_EQ(files_in(folder), 1U);
}

TEST(TextFile, FilesThatCannotBeRead) {
    const TemporaryFolder folder;
    EXPECT_THROW(read_text_file(folder / "none"), InputError);
    EXPECT_THROW(read_text_file(folder.path().string()), InputError);
    write_text_file(folder / "large", std::string(2 << 20, 'x'));
    EXPECT_THROW(read_text_file(folder / "large", 1 << 20), InputError);
}

}  // namespace
}  // namespace precentral
