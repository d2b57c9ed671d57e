// SPDX-License-Identifier: Apache-2.0
#include "data/pulse_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "data/error.h"
#include "data/text_file.h"
#include "temporary_folder.h"

namespace precentral {
namespace {

// A reader of RFC 4180 for the test, written without a look at the writer.
std::vector<std::vector<std::string>> parsed(const std::string& text) {
    std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c != '"') {
                rows.back().back() += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                rows.back().back() += '"';
                ++i;
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            rows.back().emplace_back();
        } else if (c == '\n') {
            rows.emplace_back(1);
        } else {
            rows.back().back() += c;
        }
    }
    rows.pop_back();
    return rows;
}

Pulse full_pulse() {
    Pulse pulse;
    pulse.sequence = 81;
    pulse.train = 2;
    pulse.index = 1;
    pulse.time = from_iso8601("2026-10-26T09:31:07.005Z");
    pulse.device_time_s = 12.25;
    pulse.device_count = 1234;
    pulse.intensity_mso = 47.5;
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.linear() = Eigen::AngleAxisd(0.3, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
    pose.translation() = Eigen::Vector3d(-38.123456789012345, 1.0 / 3.0, 71.0);
    pulse.scan_from_coil = Transform<Scan, Coil>(pose);
    pulse.deviation = Deviation{0.5, -0.25, 1.5, -2.5};
    pulse.pose_age_ms = 4.75;
    pulse.valid = true;
    pulse.mep_uv = 1050.5;
    pulse.mep_latency_ms = 21.5;
    pulse.mep_verdict = "accepted";
    return pulse;
}

TEST(PulseTable, HeaderAndRow) {
    const Pulse pulse = full_pulse();
    const auto rows = parsed(pulse_table(std::span<const Pulse>(&pulse, 1)));
    ASSERT_EQ(rows.size(), 2U);
    const std::vector<std::string> names = {
        "time",     "train",    "index",         "intensity_mso", "coil_m00",       "coil_m01",   "coil_m02",
        "coil_m03", "coil_m10", "coil_m11",      "coil_m12",      "coil_m13",       "coil_m20",   "coil_m21",
        "coil_m22", "coil_m23", "coil_m30",      "coil_m31",      "coil_m32",       "coil_m33",   "in_plane_mm",
        "gap_mm",   "tilt_deg", "twist_deg",     "pose_age_ms",   "valid",          "reason",     "mep_uv",
        "purpose",  "sequence", "device_time_s", "device_count",  "mep_latency_ms", "mep_verdict"};
    EXPECT_EQ(rows[0], names);
    ASSERT_EQ(rows[1].size(), names.size());
    EXPECT_EQ(rows[1][0], "2026-10-26T09:31:07.005Z");
    EXPECT_EQ(rows[1][1], "2");
    EXPECT_EQ(rows[1][3], "47.5");
    for (std::size_t i = 0; i < 16; ++i) {
        EXPECT_EQ(std::stod(rows[1][4 + i]),
                  pulse.scan_from_coil->matrix()(static_cast<Eigen::Index>(i / 4), static_cast<Eigen::Index>(i % 4)));
    }
    EXPECT_EQ(std::vector<std::string>(rows[1].begin() + 20, rows[1].end()),
              (std::vector<std::string>{"0.5", "-0.25", "1.5", "-2.5", "4.75", "1", "", "1050.5", "treat", "81",
                                        "12.25", "1234", "21.5", "accepted"}));
}

TEST(PulseTable, WhatIsNotKnownIsEmpty) {
    Pulse pulse;
    pulse.reason = "coil hidden";
    pulse.pose_age_ms = 3.0;
    pulse.intensity_mso = std::numeric_limits<double>::quiet_NaN();
    const auto rows = parsed(pulse_table(std::span<const Pulse>(&pulse, 1)));
    ASSERT_EQ(rows[1].size(), rows[0].size());
    for (std::size_t i = 3; i < 25; ++i) EXPECT_EQ(rows[1][i], "") << rows[0][i];
    EXPECT_EQ(rows[1][25], "0");
    EXPECT_EQ(rows[1][26], "coil hidden");
    EXPECT_EQ(rows[1][27], "");
}

TEST(PulseTable, QuotesWhatNeedsIt) {
    std::vector<Pulse> pulses;
    for (const char* reason : {"a,b", "say \"now\"", "two\nlines", "\r", "\"", ",", "plain", "é🧠, ok"}) {
        pulses.push_back(full_pulse());
        pulses.back().reason = reason;
    }
    const auto rows = parsed(pulse_table(pulses));
    ASSERT_EQ(rows.size(), pulses.size() + 1);
    for (std::size_t i = 0; i < pulses.size(); ++i) {
        ASSERT_EQ(rows[i + 1].size(), rows[0].size());
        EXPECT_EQ(rows[i + 1][26], pulses[i].reason);
    }
}

TEST(PulseTable, FileIsWholeOrAbsent) {
    const TemporaryFolder folder;
    const Pulse pulse = full_pulse();
    write_pulse_table(folder / "session.csv", std::span<const Pulse>(&pulse, 1));
    EXPECT_EQ(read_text_file(folder / "session.csv"), pulse_table(std::span<const Pulse>(&pulse, 1)));
    EXPECT_THROW(write_pulse_table(folder / "none/session.csv", {}), InputError);
}

}  // namespace
}  // namespace precentral
