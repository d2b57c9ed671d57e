// SPDX-License-Identifier: Apache-2.0
// The databases the same tests run over, each test on a fresh one.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "data/store.h"
#include "temporary_folder.h"

namespace precentral {

enum class Database { sqlite_file, memory, postgresql };

class EachStore : public testing::TestWithParam<Database> {
protected:
    // Skips with the reason when this database cannot be had here.
    void SetUp() override;
    const std::string& url() const { return url_; }
    // A case with one session, to hang records on.
    Session new_session(Store& store);

private:
    TemporaryFolder folder_;
    std::string url_;
    std::unique_ptr<Store> keeps_memory_alive_;
};

std::string name_of_database(const testing::TestParamInfo<Database>& info);

}  // namespace precentral
