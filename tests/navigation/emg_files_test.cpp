// SPDX-License-Identifier: Apache-2.0
#include "navigation/emg_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "data/error.h"
#include "efield_fixtures.h"
#include "navigation/emg_simulation.h"
#include "navigation/mep.h"

namespace precentral {
namespace {

class EmgFiles : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("precentral_emg_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    std::string write(const std::string& name, const std::string& bytes) const {
        const std::string path = (folder_ / name).string();
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    std::filesystem::path folder_;
};

std::string little_endian(std::int64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
    return out;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(width, ' ');
    return text;
}

// 3 s at 2000 Hz, a ramp in whole microvolts; pulses at 0.5, 1.5 and 2.98 s.
constexpr double kRate = 2000.0;
constexpr int kSamples = 6000;
int ramp_uv(int sample) { return sample - 3000; }

void expect_ramp(const FiledSweep& filed, double pulse_s) {
    const double first = pulse_s * kRate + 1e-3 * filed.sweep.start_ms * kRate;
    EXPECT_DOUBLE_EQ(filed.sweep.sample_rate_hz, kRate);
    EXPECT_NEAR(first, std::round(first), 1e-6);
    for (std::size_t i = 0; i < filed.sweep.microvolts.size(); ++i) {
        ASSERT_NEAR(static_cast<double>(filed.sweep.microvolts[i]),
                    ramp_uv(static_cast<int>(std::lround(first)) + static_cast<int>(i)), 0.51);
    }
}

std::string edf(bool bdf, const std::string& signal_label, const std::string& marker_label) {
    constexpr int kRecords = 3;
    constexpr int kPerRecord = 2000;
    const int width = bdf ? 3 : 2;
    const int marks = bdf ? kPerRecord : 60;
    std::string out = bdf ? std::string("\xFF") + "BIOSEMI" : padded("0", 8);
    out += padded("patient", 80) + padded("recording", 80) + padded("01.01.2601.00.00", 16) + padded("768", 8) +
           padded(bdf ? "24BIT" : "EDF+C", 44) + padded(std::to_string(kRecords), 8) + padded("1", 8) + padded("2", 4);
    const auto both = [&](const std::string& a, const std::string& b, std::size_t w) {
        out += padded(a, w) + padded(b, w);
    };
    both(signal_label, marker_label, 16);
    both("", "", 80);
    both("mV", "", 8);
    both("-32.768", "-1", 8);
    both("32.767", "1", 8);
    both("-32768", "-32768", 8);
    both("32767", "32767", 8);
    both("", "", 80);
    both(std::to_string(kPerRecord), std::to_string(marks), 8);
    both("", "", 32);
    for (int record = 0; record < kRecords; ++record) {
        for (int i = 0; i < kPerRecord; ++i) out += little_endian(ramp_uv(record * kPerRecord + i), width);
        if (bdf) {
            for (int i = 0; i < kPerRecord; ++i) {
                const int at = record * kPerRecord + i;
                const bool high = (at >= 1000 && at < 1010) || (at >= 3000 && at < 3010) || (at >= 5960 && at < 5970);
                out += little_endian(high ? 0x100004 : 0x100000, width);
            }
        } else {
            const char* const onsets[] = {"+0.5", "+1.5", "+2.98"};
            std::string list = "+" + std::to_string(record) + "\x14\x14";
            list += '\0';
            list += std::string(onsets[record]) + "\x15" + "0\x14" + "TMS\x14";
            list += '\0';
            list.resize(static_cast<std::size_t>(2 * marks), '\0');
            out += list;
        }
    }
    return out;
}

TEST_F(EmgFiles, ATableKeepsItsTimesAndColumns) {
    std::string text = "time_ms,first,second\n";
    for (int i = 0; i < 400; ++i) {
        text += std::to_string(-50.0 + 0.5 * i) + "," + std::to_string(i) + "," + std::to_string(-i) + "\r\n";
    }
    const auto sweeps = read_emg_sweeps(write("a.csv", text));
    ASSERT_EQ(sweeps.size(), 2U);
    EXPECT_EQ(sweeps[1].label, "second");
    EXPECT_NEAR(sweeps[0].sweep.sample_rate_hz, 2000.0, 1e-6);
    EXPECT_DOUBLE_EQ(sweeps[0].sweep.start_ms, -50.0);
    EXPECT_FLOAT_EQ(sweeps[1].sweep.microvolts[7], -7.0F);
    EXPECT_EQ(sweeps[1].sweep.pulse_count, 2U);

    // Without times: the caller says them, else it is refused.
    const std::string bare = write("b.csv", "1;2\n3;4\n5;6\n");
    EXPECT_THROW(read_emg_sweeps(bare), InputError);
    EmgFileOptions options;
    options.rate_hz = 3000.0;
    options.start_ms = -20.0;
    options.microvolts_per_unit = 1000.0;
    const auto told = read_emg_sweeps(bare, options);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_FLOAT_EQ(told[1].sweep.microvolts[2], 6000.0F);
}

TEST_F(EmgFiles, BrainVisionIsCutAroundItsMarkers) {
    for (const bool floats : {false, true}) {
        std::string data;
        for (int i = 0; i < kSamples; ++i) {
            const float value = static_cast<float>(ramp_uv(i));
            std::string four(4, '\0');
            std::memcpy(four.data(), &value, 4);
            data += floats ? four + four : little_endian(2 * ramp_uv(i), 2) + little_endian(7, 2);
        }
        write("visit.eeg", data);
        write("visit.vmrk",
              "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\nMk1=New Segment,,1,1,0\n"
              "Mk2=Response,R128,1001,1,0\nMk3=Stimulus,S  1,3001,1,0\nMk4=Response,R128,5961,1,0\n");
        const std::string header = write(
            "visit.vhdr", std::string("Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\n") +
                              "DataFile=$b.eeg\nMarkerFile=$b.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
                              "NumberOfChannels=2\nSamplingInterval=500\n[Binary Infos]\nBinaryFormat=" +
                              (floats ? "IEEE_FLOAT_32" : "INT_16") + "\n[Channel Infos]\nCh1=FDI\\1 right,," +
                              (floats ? "1" : "0.5") + ",\xC2\xB5V\nCh2=Temp,,1,C\n");
        const auto all = read_emg_sweeps(header);  // the temperature is no EMG
        ASSERT_EQ(all.size(), 3U);
        EXPECT_EQ(all[0].channel, "FDI, right");
        expect_ramp(all[0], 0.5);
        expect_ramp(all[1], 1.5);
        expect_ramp(all[2], 2.98);
        EXPECT_NEAR(all[0].sweep.start_ms, -100.0, 1e-9);
        EXPECT_EQ(all[2].sweep.microvolts.size(), 240U);  // the recording ends 20 ms after the pulse
        EmgFileOptions options;
        options.trigger = "Response R128";
        EXPECT_EQ(read_emg_sweeps(header, options).size(), 2U);
        options.trigger = "nothing";
        EXPECT_THROW(read_emg_sweeps(header, options), InputError);
    }
}

TEST_F(EmgFiles, EdfAndBdfAreCutAroundTheirMarkers) {
    const std::string paths[] = {write("a.edf", edf(false, "APB", "EDF Annotations")),
                                 write("a.bdf", edf(true, "APB", "Status"))};
    for (const std::string& path : paths) {
        const auto sweeps = read_emg_sweeps(path);
        ASSERT_EQ(sweeps.size(), 3U) << path;
        EXPECT_EQ(sweeps[0].channel, "APB");
        expect_ramp(sweeps[0], 0.5);
        expect_ramp(sweeps[1], 1.5);
        expect_ramp(sweeps[2], 2.98);
        EmgFileOptions options;
        options.channel = "FDI";
        EXPECT_THROW(read_emg_sweeps(path, options), InputError);
    }
}

TEST_F(EmgFiles, BrainsightColumnsAreFoundByName) {
    const std::string path = write(
        "visit.txt",
        "# Version: 12\n# Target Name\tLoc. X\nM1\t1\n"
        "# Sample Name\tIndex\tEMG Start\tEMG End\tEMG Res.\tEMG Channels\tEMG Peak-to-peak 1\tEMG Data 1\tEMG Data 2\n"
        "Sample 1\t1\t-50.0\t150.0\t0.3333\t2\t3\t1;2;-3.5\t4;5;6\nSample "
        "2\t2\t(null)\t(null)\t(null)\t(null)\t(null)\t(null)\t(null)\n"
        "Sample 3\t3\t-50.0\t150.0\t0.3333\t1\t3\t7;8;9\t(null)\n# Session Name\nSession 1\n");
    const auto sweeps = read_emg_sweeps(path);
    ASSERT_EQ(sweeps.size(), 3U);
    EXPECT_EQ(sweeps[2].label, "Sample 3");
    EXPECT_EQ(sweeps[2].sweep.pulse_count, 3U);
    EXPECT_EQ(sweeps[1].channel, "2");
    EXPECT_DOUBLE_EQ(sweeps[0].sweep.sample_rate_hz, 3000.0);
    EXPECT_DOUBLE_EQ(sweeps[0].sweep.start_ms, -50.0);
    EXPECT_FLOAT_EQ(sweeps[0].sweep.microvolts[2], -3.5F);
    EXPECT_THROW(read_emg_sweeps(write("none.txt", "# Sample Name\tIndex\nSample 1\t1\n")), InputError);
}

// Cut short or overwritten anywhere, a file is read or refused with a sentence; nothing else.
TEST_F(EmgFiles, DamagedFilesAreRefusedNotCrashedOn) {
    SeededRandom random(11);
    const std::string whole[] = {edf(false, "APB", "EDF Annotations"), edf(true, "APB", "Status")};
    int refused = 0;
    for (int round = 0; round < 120; ++round) {
        std::string bytes = whole[round % 2];
        if (round % 4 < 2) {
            bytes.resize(static_cast<std::size_t>(draw_uniform(random) * 2000.0));
        } else {
            for (int k = 0; k < 6; ++k) {
                bytes[static_cast<std::size_t>(draw_uniform(random) * 768.0)] =
                    static_cast<char>(draw_uniform(random, 32.0, 127.0));
            }
        }
        for (const char* name : {"x.edf", "x.bdf", "x.mat", "x.csv", "x.txt", "x.vhdr"}) {
            try {
                read_emg_sweeps(write(name, bytes));
            } catch (const InputError& error) {
                EXPECT_NE(std::string(error.what()).find("x."), std::string::npos) << error.what();
                ++refused;
            }
        }
    }
    EXPECT_GT(refused, 500);
    EXPECT_THROW(read_emg_sweeps((folder_ / "missing.csv").string()), InputError);
    EXPECT_THROW(read_emg_sweeps(write("x.doc", "1")), InputError);
}

struct Reference {
    double amplitude_uv = 0.0;  // 0: no response
    double latency_ms = 0.0;
};

std::vector<Reference> read_reference(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    std::vector<Reference> out;
    while (std::getline(file, line)) {
        std::istringstream row(line);
        Reference reference;
        char comma = ',';
        row >> reference.amplitude_uv >> comma >> reference.latency_ms;
        out.push_back(reference);
    }
    return out;
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

// Real sweeps of hand and leg with the amplitudes and latencies that MEPFeatX (Nguyen et al. 2023,
// doi 10.1038/s41598-023-37775-w) found in them: 3 kHz, from 50 ms before the pulse.
TEST(MepOnRealSweeps, AgreesWithTheReference) {
    const std::filesystem::path folder = public_data() / "emg" / "mepfeatx";
    if (!std::filesystem::exists(folder / "data" / "ID01.mat")) {
        GTEST_SKIP() << "the sweeps of MEPFeatX are not there: " << folder;
    }
    EmgFileOptions options;
    options.channel = "meps";
    options.rate_hz = 3000.0;
    options.start_ms = -50.0;
    std::vector<double> amplitude_error;
    std::vector<double> latency_error;
    int responses = 0;
    for (const char* id : {"ID01", "ID02", "ID03", "ID04", "ID05", "ID06", "ID10_1"}) {
        const auto sweeps = read_emg_sweeps((folder / "data" / (std::string(id) + ".mat")).string(), options);
        const auto reference = read_reference(folder / "features" / (std::string(id) + "_features.csv"));
        ASSERT_EQ(sweeps.size(), reference.size()) << id;
        MepRules rules;
        if (sweeps[0].sweep.microvolts.size() > 451) {  // the longer sweeps are of a leg muscle
            rules.window_start_ms = 20.0;
            rules.window_end_ms = 80.0;
        }
        for (std::size_t i = 0; i < sweeps.size(); ++i) {
            if (reference[i].amplitude_uv <= 0.0) continue;
            ++responses;
            const MepMeasurement m = measure_mep(sweeps[i].sweep, rules);
            if (!m.responded()) continue;
            amplitude_error.push_back(std::abs(m.amplitude_uv / reference[i].amplitude_uv - 1.0));
            if (m.latency_ms) latency_error.push_back(std::abs(*m.latency_ms - reference[i].latency_ms));
        }
    }
    EXPECT_GT(responses, 350);
    EXPECT_GE(static_cast<double>(latency_error.size()), 0.97 * responses);
    EXPECT_LE(median(amplitude_error), 0.01);
    EXPECT_LE(median(latency_error), 0.5);
}

}  // namespace
}  // namespace precentral
