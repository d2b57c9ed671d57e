// SPDX-License-Identifier: Apache-2.0
#include "data/store_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/error.h"

namespace precentral {
namespace {

TEST(StoreAddress, Files) {
    const StoreAddress a = store_address("/data/a b'c.db");
    EXPECT_EQ(a.engine, SqlEngine::sqlite);
    EXPECT_FALSE(a.in_memory);
    EXPECT_EQ(a.path, "/data/a b'c.db");
    EXPECT_EQ(a.shown(), "/data/a b'c.db");
    EXPECT_TRUE(store_address(":memory:").in_memory);
    EXPECT_EQ(store_address(":memory:demo").path, "demo");
}

TEST(StoreAddress, Postgresql) {
    const StoreAddress a = store_address("postgresql://ann:p%40ss%3A%2F@db.example.org:6543/pain?sslmode=require");
    EXPECT_EQ(a.engine, SqlEngine::postgresql);
    EXPECT_EQ(a.user, "ann");
    EXPECT_EQ(a.password, "p@ss:/");
    EXPECT_EQ(a.host, "db.example.org");
    EXPECT_EQ(a.port, 6543);
    EXPECT_EQ(a.database, "pain");
    EXPECT_EQ(a.options, "sslmode=require");
    EXPECT_EQ(a.shown(), "postgresql://ann@db.example.org:6543/pain");
    const StoreAddress b = store_address("postgres://localhost/pain");
    EXPECT_EQ(b.port, 5432);
    EXPECT_EQ(b.user, "");
    const StoreAddress c = store_address("postgresql://u@[::1]:5433/pain");
    EXPECT_EQ(c.host, "::1");
    EXPECT_EQ(c.port, 5433);
    EXPECT_EQ(store_address("postgresql://u@[::1]/pain").host, "::1");
}

TEST(StoreAddress, Refused) {
    for (const std::string& url :
         {std::string(), std::string("postgresql://host"), std::string("postgresql://host/"),
          std::string("postgresql:///pain"), std::string("postgresql://host:0/pain"),
          std::string("postgresql://host:65536/pain"), std::string("postgresql://host:x/pain"),
          std::string("postgresql://host:/pain"), std::string("postgresql://host/pain?x"),
          std::string("postgresql://host/pain?x=1%20host%3Devil"), std::string("mysql://host/pain"),
          std::string("a\0b", 3), std::string(":memory:a?b")}) {
        EXPECT_THROW(store_address(url), InputError) << url;
    }
}

}  // namespace
}  // namespace precentral
