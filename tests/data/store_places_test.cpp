// SPDX-License-Identifier: Apache-2.0
// Places that cannot hold a store: each is said in a sentence, and nothing is left half-written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

#include "child_process.h"
#include "data/error.h"
#include "data/pulse_writer.h"
#include "data/sql_connection.h"
#include "data/sql_store.h"
#include "data/text_file.h"
#include "postgresql_server.h"
#include "sample_records.h"
#include "temporary_folder.h"

namespace precentral {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

template <class Work>
std::string failure_of(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return "no failure";
}

RecordId new_session(Store& store) {
    Case patient;
    patient.code = random_case_code();
    store.add_case(patient);
    Session session;
    session.case_code = patient.code;
    return store.add(session);
}

TEST(StorePlace, FolderInsteadOfFile) {
    const TemporaryFolder folder;
    EXPECT_THROW(open_store(folder.path().string()), InputError);
    EXPECT_THAT(failure_of([&] { open_store(folder.path().string()); }), HasSubstr("is a folder; name a file"));
}

TEST(StorePlace, FolderThatDoesNotExist) {
    const TemporaryFolder folder;
    EXPECT_THAT(failure_of([&] { open_store(folder / "no/such/store.db"); }), HasSubstr("does not exist; make it"));
    EXPECT_FALSE(std::filesystem::exists(folder / "no"));
}

TEST(StorePlace, AskingForAnExistingStoreMakesNone) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    EXPECT_THROW(open_existing_store(path), InputError);
    EXPECT_THAT(failure_of([&] { open_existing_store(path); }), HasSubstr("There is no store at " + path));
    EXPECT_FALSE(std::filesystem::exists(path));
    write_text_file(path, "");
    EXPECT_THAT(failure_of([&] { open_existing_store(path); }), HasSubstr("There is no Precentral store in"));
    EXPECT_TRUE(read_text_file(path).empty());
    open_store(path);
    EXPECT_NO_THROW(open_existing_store(path));
}

TEST(StorePlace, FilesOfOtherKindsAreLeftAsTheyAre) {
    const TemporaryFolder folder;
    std::string noise(8192, '\0');
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * 7919 >> 3);
    for (const std::string& content : {std::string("not a database at all, but long enough to look like one........."
                                                   "..........................................................."),
                                       noise, std::string("x"), "SQLite format 3" + std::string(1, '\0') + noise}) {
        const std::string path = folder / "other.bin";
        write_text_file(path, content);
        EXPECT_THROW(open_store(path), Error);
        EXPECT_THAT(failure_of([&] { open_store(path); }), HasSubstr(path));
        EXPECT_EQ(read_text_file(path), content);
    }
}

TEST(StorePlace, ADatabaseOfAnotherProgramIsLeftAsItIs) {
    const TemporaryFolder folder;
    const std::string path = folder / "other.db";
    {
        SqlConnection other(store_address(path), 1000);
        other.run("CREATE TABLE cases (id INTEGER PRIMARY KEY)");
    }
    const std::string before = read_text_file(path);
    EXPECT_THAT(failure_of([&] { open_store(path); }), HasSubstr("is a database of another program"));
    EXPECT_EQ(read_text_file(path), before);
}

TEST(StorePlace, ReadOnlyFolderAndFile) {
    const TemporaryFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
    const std::string path = folder / "store.db";
    const auto attempt = [&]() -> std::string {
        open_store(path);
        return "opened";
    };
    EXPECT_THAT(answer_of_ordinary_user(attempt),
                AllOf(HasSubstr("cannot be written"), HasSubstr("Permission denied")));
    EXPECT_FALSE(std::filesystem::exists(path));

    ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
    open_store(path);
    ASSERT_EQ(::chmod(path.c_str(), 0444), 0);
    EXPECT_THAT(answer_of_ordinary_user(attempt), HasSubstr(path + " cannot be written"));
    ASSERT_EQ(::chmod(path.c_str(), 0000), 0);
    EXPECT_THAT(answer_of_ordinary_user(attempt), HasSubstr(path + " cannot be read"));
}

TEST(StorePlace, AReadOnlyRecordIsShownAndSaysThatItCannotBeWritten) {
    const TemporaryFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
    const std::string path = folder / "a store #1 100%.db";
    const RecordId session = new_session(*open_store(path));
    const auto attempt = [&]() -> std::string {
        const auto store = open_store_to_read(path);
        const std::string refusal = failure_of([&] { store->add(SessionEvent{0, session, "note", "", utc_now()}); });
        return std::to_string(store->sessions(store->cases().at(0).code).size()) + " session; " + refusal;
    };
    const auto shown = AllOf(HasSubstr("1 session"), HasSubstr("is open for reading only; nothing was saved"));
    EXPECT_THAT(attempt(), shown);
    for (const auto& [file_mode, folder_mode] : {std::pair{0444, 0777}, {0666, 0555}, {0444, 0555}}) {
        ASSERT_EQ(::chmod(path.c_str(), static_cast<mode_t>(file_mode)), 0);
        ASSERT_EQ(::chmod(folder.path().c_str(), static_cast<mode_t>(folder_mode)), 0);
        EXPECT_THAT(answer_of_ordinary_user(attempt), shown) << file_mode << " " << folder_mode;
    }
    ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
    EXPECT_THROW(open_store_to_read(folder / "none.db"), InputError);
    EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
}

TEST(StorePlace, AnotherProgramHoldsTheLock) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    const auto store = open_sql_store(path, {.busy_ms = 50});
    const RecordId session = new_session(*store);
    SqlConnection other(store_address(path), 1000);
    {
        const SqlTransaction held(other);
        EXPECT_THAT(failure_of([&] {
                        store->add(SessionEvent{0, session, "note", "", utc_now()});
                    }),
                    HasSubstr("Another program is writing to " + path));
        EXPECT_TRUE(store->events(session).empty());  // reading goes on
    }
    EXPECT_NO_THROW(store->add(SessionEvent{0, session, "note", "", utc_now()}));
}

TEST(StorePlace, FileIsCutShort) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    {
        const auto store = open_store(path);
        const RecordId session = new_session(*store);
        SampleRecords samples(1);
        std::vector<Pulse> pulses;
        for (int i = 1; i <= 200; ++i) pulses.push_back(samples.pulse(session, i, true));
        store->add(pulses);
    }
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    EXPECT_THAT(failure_of([&] { open_store(path)->pulses(1); }), HasSubstr("is damaged"));
}

// In a file system of its own of 2 MB. Throws where the system does not allow it.
void on_a_small_disk(const std::string& folder) {
    const std::string user = std::to_string(::geteuid());
    if (::geteuid() == 0) {
        if (::unshare(CLONE_NEWNS) != 0) throw Error("no namespace");
    } else {
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) throw Error("no namespace");
        std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    }
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", folder.c_str(), "tmpfs", 0, "size=2m") != 0) {
        throw Error("no namespace");
    }
}

int fill(Store& store, RecordId session, std::string& failure) {
    SampleRecords samples(2);
    int added = 0;
    failure = failure_of([&] {
        for (int i = 0; i < 2000; ++i) {
            const Pulse pulses[] = {samples.pulse(session, 2 * i + 1, true), samples.pulse(session, 2 * i + 2, true)};
            store.add(pulses);
            added += 2;
        }
    });
    return added;
}

TEST(StorePlace, DiskFull) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    ChildProcess child([&](int answer) {
        on_a_small_disk(folder.path().string());
        const auto store = open_store(path);
        const RecordId session = new_session(*store);
        std::string failure;
        const int added = fill(*store, session, failure);
        const auto kept = open_store(path)->pulses(session).size();
        ChildProcess::say(answer,
                          failure + (added == static_cast<int>(kept) && added > 50
                                         ? " [all kept]"
                                         : " [lost " + std::to_string(added) + " " + std::to_string(kept) + "]"));
    });
    const std::string answer = child.answer();
    if (answer == "no namespace") GTEST_SKIP() << "no file system of its own can be made here";
    EXPECT_THAT(answer, AllOf(HasSubstr("The disk that holds " + path + " is full; nothing was saved"),
                              HasSubstr("[all kept]")));
}

TEST(StorePlace, FilesMayNotGrow) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    ChildProcess child([&](int answer) {
        const auto store = open_store(path);
        const RecordId session = new_session(*store);
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1'500'000, 1'500'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::string failure;
        const int added = fill(*store, session, failure);
        const auto kept = store->pulses(session).size();
        ChildProcess::say(answer,
                          failure + (added == static_cast<int>(kept) && added > 50
                                         ? " [all kept]"
                                         : " [lost " + std::to_string(added) + " " + std::to_string(kept) + "]"));
    });
    EXPECT_THAT(child.answer(), AllOf(HasSubstr(path), HasSubstr("othing was saved"), HasSubstr("[all kept]")));
}

TEST(StorePlace, PulsesOfAFullDiskAreWrittenOnceThereIsSpace) {
    const TemporaryFolder folder;
    const std::string path = folder / "store.db";
    ChildProcess child([&](int answer) {
        on_a_small_disk(folder.path().string());
        const RecordId session = new_session(*open_store(path));
        SampleRecords samples(2);
        std::string out;
        {
            PulseWriter writer(path);
            std::ofstream ballast(folder / "ballast", std::ios::binary);
            while (ballast.write(std::string(4096, 'x').data(), 4096).flush()) continue;
            ballast.close();
            for (int i = 1; i <= 200; ++i) writer.put(samples.pulse(session, i, true));
            out += writer.wait_until_written(std::chrono::milliseconds(500)) ? "[written]" : "[waiting]";
            out += writer.trouble().value_or("[no trouble]");
            out += writer.unwritten().size() + writer.acknowledged() == 200 ? "[complete]" : "[incomplete]";
            std::filesystem::remove(folder / "ballast");
            out += writer.wait_until_written() ? "[written]" : "[waiting]";
            out += writer.trouble().value_or("[no trouble]");
        }
        out += std::to_string(open_store(path)->pulses(session).size());
        ChildProcess::say(answer, out);
    });
    const std::string answer = child.answer();
    if (answer == "no namespace") GTEST_SKIP() << "no file system of its own can be made here";
    EXPECT_THAT(answer, testing::MatchesRegex("\\[waiting\\].*(full|disk failed).*\\[complete\\]\\[written\\]\\[no "
                                              "trouble\\]200"));
}

TEST(StorePlace, ServerThatIsNotThere) {
    const std::string failure = failure_of([] { open_store("postgresql://precentral:secret@127.0.0.1:1/none"); });
    EXPECT_THAT(failure, AllOf(HasSubstr("postgresql://precentral@127.0.0.1:1/none cannot be opened"),
                               HasSubstr("Check the address"), Not(HasSubstr("secret")), Not(HasSubstr("\n"))));
}

TEST(StorePlace, DatabaseThatIsNotThere) {
    std::string url;
    try {
        url = PostgresqlServer::shared().new_database();
    } catch (const std::exception& error) {
        GTEST_SKIP() << error.what();
    }
    EXPECT_THAT(failure_of([&] { open_existing_store(url); }), HasSubstr("There is no Precentral store in"));
    EXPECT_THAT(failure_of([&] { open_store(url + "_missing"); }), HasSubstr("does not exist"));
}

}  // namespace
}  // namespace precentral
