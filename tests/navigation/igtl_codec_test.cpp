// SPDX-License-Identifier: Apache-2.0
#include "navigation/igtl_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string_view>

#include "data/error.h"
#include "navigation/frame_assembly.h"
#include "navigation/igtl_theatre.h"
#include "navigation/tracker_address.h"

namespace precentral {
namespace {

using igtl::Decoder;
using igtl::Message;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

Bytes from_hex(std::string_view hex) {
    const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    Bytes out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out.push_back(static_cast<std::uint8_t>(16 * digit(hex[i]) + digit(hex[i + 1])));
    }
    return out;
}

std::vector<Message> decode_all(const Bytes& bytes) {
    Decoder decoder;
    decoder.feed(bytes);
    std::vector<Message> out;
    while (auto message = decoder.next()) out.push_back(*message);
    EXPECT_FALSE(decoder.failed()) << decoder.error();
    return out;
}

// One of each kind, by the seed.
std::vector<Message> samples(std::uint32_t seed, int version) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> number(-300.0F, 300.0F);
    const auto matrix = [&] {
        igtl::Matrix34 m{};
        for (float& v : m) v = number(random);
        return m;
    };
    std::vector<igtl::Content> contents;
    contents.push_back(igtl::TransformData{matrix()});
    contents.push_back(igtl::TrackingData{{{"Head", 1, matrix()}, {"A name of 20 letters", 4, matrix()}}});
    contents.push_back(igtl::QuaternionData{{{"Coil", 2, {1, 2, 3}, {0.5F, -0.5F, 0.5F, 0.5F}}}});
    contents.push_back(igtl::PositionData{{4, 5, 6}, std::array<float, 4>{0, 0.6F, 0, 0.8F}});
    contents.push_back(igtl::PositionData{{4, 5, 6}, std::nullopt});
    contents.push_back(igtl::StatusData{13, -7, "Cold", "Warming up"});
    contents.push_back(igtl::TextData{"count=7 intensity=42.5", 3});
    contents.push_back(igtl::ArrayData{{2, 3}, {1, 2, 3, 4, 5, number(random)}});
    contents.push_back(igtl::QueryData{igtl::Verb::get, "TDATA"});
    contents.push_back(igtl::QueryData{igtl::Verb::start, "QTDATA", 20, "Patient"});
    contents.push_back(igtl::QueryData{igtl::Verb::stop, "TDATA"});
    contents.push_back(igtl::QueryData{.verb = igtl::Verb::reply, .what = "TDATA", .failed = 1});
    contents.push_back(igtl::CapabilityData{{"TRANSFORM", "CAPABILITY", "TDATA"}});
    std::vector<Message> out;
    for (igtl::Content& content : contents) {
        Message m{.device = "Device " + std::to_string(out.size()),
                  .stamp = (std::uint64_t{random()} << 32U) | random(),
                  .header_version = version,
                  .content = std::move(content)};
        if (version == 2) {
            m.message_id = static_cast<std::uint32_t>(random());
            m.metadata = {{"TransformStatus", "OK"}, {"", ""}, {"Key", std::string(300, 'v')}};
        }
        out.push_back(std::move(m));
    }
    return out;
}

TEST(IgtlCodec, CrcKnownAnswers) {
    // The check value of CRC-64/ECMA-182 in the catalogue of parametrised CRC algorithms (reveng.sourceforge.io).
    EXPECT_EQ(igtl::crc64(bytes_of("123456789")), 0x6C40DF5F0B497347ULL);
    EXPECT_EQ(igtl::crc64({}), 0U);
    // One byte 0x01 leaves the polynomial itself.
    EXPECT_EQ(igtl::crc64(Bytes{1}), 0x42F0E1EBA9EA3693ULL);
}

TEST(IgtlCodec, CrcByEightIsCrcByOne) {
    std::mt19937 random(5);
    for (int length = 0; length < 70; ++length) {
        Bytes bytes;
        for (int i = 0; i < length; ++i) bytes.push_back(static_cast<std::uint8_t>(random()));
        std::uint64_t slow = 0;  // bit by bit, from the definition
        for (const std::uint8_t byte : bytes) {
            for (int bit = 7; bit >= 0; --bit) {
                const std::uint64_t top = (slow >> 63U) ^ ((byte >> bit) & 1U);
                slow = (slow << 1U) ^ (top != 0 ? 0x42F0E1EBA9EA3693ULL : 0);
            }
        }
        EXPECT_EQ(igtl::crc64(bytes), slow);
    }
}

// Header and body laid out by hand from the specification: identity rotation, translation 1, 2, 3 mm, time stamp
// 1.5 s. The CRC was computed by a bitwise program of its own.
TEST(IgtlCodec, GoldenTransformVersion1) {
    const Bytes golden = from_hex(
        "0001"
        "5452414e53464f524d000000"          // TRANSFORM
        "436f696c000000000000000000000000"  // Coil …
        "00000000"                          // … 20 bytes
        "0000000180000000"                  // 1.5 s
        "0000000000000030"                  // 48 bytes
        "acf68624880f705e"                  // CRC of the body
        "3f8000000000000000000000"          // column x
        "000000003f80000000000000"          // column y
        "00000000000000003f800000"          // column z
        "3f8000004000000040400000");        // translation
    Message message{.device = "Coil", .stamp = igtl::stamp_from_seconds(1.5)};
    igtl::TransformData data;
    data.matrix = {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3};
    message.content = data;
    EXPECT_EQ(igtl::encode(message), golden);
    const auto back = decode_all(golden);
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].device, "Coil");
    EXPECT_DOUBLE_EQ(back[0].time_s(), 1.5);
    EXPECT_EQ(std::get<igtl::TransformData>(back[0].content).matrix, data.matrix);
}

TEST(IgtlCodec, GoldenStatusVersion2) {
    // Extended header (12, 10, 4, 7), STATUS OK, index of one entry (key "a", value "xyz"), the pair.
    const Bytes body = from_hex(
        "000c000a0000000400000007"
        "0001"
        "0000000000000000"
        "4f4b000000000000000000000000000000000000"
        "00"
        "0001000100030000000361"
        "78797a");
    Message message{.device = "T", .header_version = 2, .message_id = 7, .metadata = {{"a", "xyz"}}};
    message.content = igtl::StatusData{1, 0, "OK", ""};
    const Bytes all = igtl::encode(message);
    ASSERT_EQ(all.size(), 58 + body.size());
    EXPECT_EQ(Bytes(all.begin() + 58, all.end()), body);
    EXPECT_EQ(all[1], 2);
}

TEST(IgtlCodec, EveryKindComesBackTheSame) {
    for (const int version : {1, 2}) {
        for (std::uint32_t seed = 0; seed < 20; ++seed) {
            Bytes stream;
            const auto sent = samples(seed, version);
            for (const Message& m : sent) {
                const Bytes bytes = igtl::encode(m);
                stream.insert(stream.end(), bytes.begin(), bytes.end());
            }
            const auto back = decode_all(stream);
            ASSERT_EQ(back.size(), sent.size());
            for (std::size_t i = 0; i < sent.size(); ++i) {
                EXPECT_EQ(back[i].device, sent[i].device);
                EXPECT_EQ(back[i].stamp, sent[i].stamp);
                EXPECT_EQ(back[i].metadata, sent[i].metadata);
                EXPECT_EQ(back[i].message_id, sent[i].message_id);
                EXPECT_EQ(back[i].content.index(), sent[i].content.index());
                EXPECT_EQ(igtl::encode(back[i]), igtl::encode(sent[i]));  // all of the content
            }
        }
    }
}

TEST(IgtlCodec, OneByteAtATime) {
    Bytes stream;
    for (const int version : {2, 1}) {
        for (const Message& m : samples(3, version)) {
            const Bytes bytes = igtl::encode(m);
            stream.insert(stream.end(), bytes.begin(), bytes.end());
        }
    }
    Decoder decoder;
    std::size_t count = 0;
    for (const std::uint8_t byte : stream) {
        decoder.feed({&byte, 1});
        while (decoder.next()) ++count;
    }
    EXPECT_EQ(count, 2 * samples(3, 1).size());
    EXPECT_EQ(decoder.waiting(), 0U);
    EXPECT_FALSE(decoder.failed());
}

TEST(IgtlCodec, TimeStampsKeepTheirTime) {
    for (const double s : {0.25, 1.0, 1761471067.123456, 4294967295.5}) {
        EXPECT_NEAR(igtl::seconds_from_stamp(igtl::stamp_from_seconds(s)), s, 3e-7);
    }
    for (const double s : {-1.0, std::nan(""), 4294967296.0, std::numeric_limits<double>::infinity()}) {
        EXPECT_EQ(igtl::stamp_from_seconds(s), 0U);
    }
}

TEST(IgtlCodec, UnknownTypesAreSkippedWithoutBeingKept) {
    Bytes image = igtl::encode({.device = "Camera", .content = igtl::TextData{.text = std::string(60000, 'x')}});
    const std::string type = "IMAGE";
    std::copy(type.begin(), type.end(), image.begin() + 2);
    image[2 + 5] = 0;
    Decoder decoder;
    std::size_t most = 0;
    for (std::size_t at = 0; at < image.size(); at += 1000) {
        decoder.feed(ByteView(image).subspan(at, std::min<std::size_t>(1000, image.size() - at)));
        EXPECT_FALSE(decoder.next());
        most = std::max(most, decoder.waiting());
    }
    EXPECT_EQ(most, 0U);
    EXPECT_EQ(decoder.unknown(), 1U);
    decoder.feed(igtl::encode({.device = "after", .content = igtl::TextData{.text = "here"}}));
    const auto message = decoder.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->device, "after");
}

TEST(IgtlCodec, DamageEndsTheStreamWithASentence) {
    const Bytes good = igtl::encode(samples(1, 1)[0]);
    const auto error_of = [](const Bytes& bytes) {
        Decoder decoder;
        decoder.feed(bytes);
        EXPECT_FALSE(decoder.next());
        return decoder.error();
    };
    Bytes bad = good;
    bad[70] ^= 1U;
    EXPECT_NE(error_of(bad).find("checksum"), std::string::npos);
    bad = good;
    bad[1] = 3;
    EXPECT_NE(error_of(bad).find("not OpenIGTLink"), std::string::npos);
    bad = good;
    bad[2] = 0x07;
    EXPECT_NE(error_of(bad).find("not OpenIGTLink"), std::string::npos);
    bad = good;
    bad[42] = 0x7F;  // the body's size
    EXPECT_NE(error_of(bad).find("64 MiB"), std::string::npos);
    EXPECT_NE(error_of(bytes_of("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"))
                  .find("not OpenIGTLink"),
              std::string::npos);
    // A cut message is not an error: the rest may come.
    EXPECT_EQ(error_of(Bytes(good.begin(), good.end() - 1)), "");
}

TEST(IgtlCodec, NonsenseInASoundFrameIsCountedAndSkipped) {
    // A TDATA of 71 bytes, a STRING that promises more than it holds, an NDARRAY of 65535^4 values.
    const std::vector<std::pair<std::string, Bytes>> bad = {
        {"TDATA", Bytes(71, 0)},
        {"STRING", Bytes{0, 3, 0xFF, 0xFF, 'a'}},
        {"NDARRAY", Bytes{10, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {"TRANSFORM", Bytes(47, 0)},
        {"STATUS", Bytes(29, 0)},
        {"POSITION", Bytes(13, 0)},
        {"CAPABILITY", Bytes(13, 0)},
        {"QTDATA", Bytes(49, 0)}};
    Bytes stream;
    for (const auto& [type, body] : bad) {
        append_number(stream, std::uint16_t{1});
        append_name(stream, type, 12);
        append_name(stream, "Bad", 20);
        append_number(stream, std::uint64_t{0});
        append_number(stream, static_cast<std::uint64_t>(body.size()));
        append_number(stream, igtl::crc64(body));
        stream.insert(stream.end(), body.begin(), body.end());
    }
    const Bytes good = igtl::encode(samples(1, 2)[0]);
    stream.insert(stream.end(), good.begin(), good.end());
    Decoder decoder;
    decoder.feed(stream);
    EXPECT_TRUE(decoder.next());
    EXPECT_EQ(decoder.malformed(), bad.size());
    EXPECT_FALSE(decoder.last_malformed().empty());
    EXPECT_FALSE(decoder.failed());
}

TEST(IgtlCodec, EncoderRefusesWhatTheFormatCannotCarry) {
    Message m{.device = "A name longer than 20 bytes", .content = igtl::TextData{.text = "x"}};
    EXPECT_THROW(igtl::encode(m), InputError);
    m.device = "Short";
    m.content = igtl::TextData{.text = std::string(65536, 'x')};
    EXPECT_THROW(igtl::encode(m), InputError);
    m.content = igtl::ArrayData{{3}, {1, 2}};
    EXPECT_THROW(igtl::encode(m), InputError);
    m.content = igtl::TextData{.text = "x"};
    m.metadata = {{"k", "v"}};
    EXPECT_THROW(igtl::encode(m), InputError);
    m.header_version = 2;
    EXPECT_NO_THROW(igtl::encode(m));
    m.header_version = 3;
    EXPECT_THROW(igtl::encode(m), InputError);
}

// Deterministic fuzzing: sound messages with bytes flipped, cut, doubled or overwritten by telling values; half of them
// with a checksum made good again, so that the damage reaches the readers of the contents.
TEST(IgtlCodec, SurvivesTwoHundredThousandMutations) {
    std::mt19937 random(20261026);
    const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    std::vector<Bytes> seeds;
    for (const int version : {1, 2}) {
        for (const Message& m : samples(9, version)) seeds.push_back(igtl::encode(m));
    }
    constexpr std::array<std::uint8_t, 6> kTelling = {0x00, 0xFF, 0x7F, 0x80, 0x01, 0x0A};
    constexpr int kRounds = 200000;
    std::uint64_t read = 0;
    std::uint64_t failed = 0;
    std::uint64_t malformed = 0;
    FrameAssembly assembly(ToolNames{});
    for (int round = 0; round < kRounds; ++round) {
        Bytes bytes = seeds[pick(seeds.size())];
        const std::size_t changes = 1 + pick(4);
        // The first half leaves the header alone, so that most of these reach the content.
        const std::size_t from = round % 2 == 0 ? 58 : 0;
        for (std::size_t i = 0; i < changes && bytes.size() > from; ++i) {
            const std::size_t at = from + pick(bytes.size() - from);
            switch (pick(4)) {
                case 0: bytes[at] ^= static_cast<std::uint8_t>(1U << pick(8)); break;
                case 1: bytes[at] = kTelling[pick(kTelling.size())]; break;
                case 2: bytes.resize(at); break;
                default: {
                    const Bytes again(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
                    bytes.insert(bytes.end(), again.begin(), again.end());
                }
            }
        }
        if (round % 2 == 0 && bytes.size() >= 58) {
            Bytes tail;
            append_number(tail, static_cast<std::uint64_t>(bytes.size() - 58));
            append_number(tail, igtl::crc64(ByteView(bytes).subspan(58)));
            std::copy(tail.begin(), tail.end(), bytes.begin() + 42);
        }
        Decoder decoder;
        const std::size_t cut = pick(bytes.size() + 1);
        decoder.feed(ByteView(bytes).first(cut));
        while (decoder.next()) ++read;
        decoder.feed(ByteView(bytes).subspan(cut));
        while (auto message = decoder.next()) {
            ++read;
            for (const TrackerFrame& frame : assembly.take(*message, SteadyTime{})) {
                if (frame.head.visible()) {
                    EXPECT_TRUE(frame.head.tracker_from_tool.matrix().allFinite());
                }
            }
            std::string why;
            (void)read_trigger(*message, SteadyTime{}, why);
            (void)read_sweep(*message, why);
        }
        failed += decoder.failed() ? 1U : 0U;
        malformed += decoder.malformed();
    }
    // All three ways out were really taken.
    EXPECT_GT(read, 10000U);
    EXPECT_GT(failed, 10000U);
    EXPECT_GT(malformed, 10000U);
}

TEST(IgtlTheatre, TriggersAndSweepsComeBackTheSame) {
    const Trigger trigger{.received = {}, .device_time_s = 12.5, .count = 1600, .intensity_mso = 63.7};
    std::string why;
    const auto back = read_trigger(decode_all(igtl::encode(write_trigger(trigger)))[0], SteadyTime{}, why);
    ASSERT_TRUE(back) << why;
    EXPECT_EQ(back->count, trigger.count);
    EXPECT_EQ(back->intensity_mso, trigger.intensity_mso);
    EXPECT_EQ(back->device_time_s, trigger.device_time_s);

    const EmgSweep sweep{.pulse_count = 9, .sample_rate_hz = 5000, .start_ms = -50, .microvolts = {1.5F, -2.5F, 900}};
    const auto again = read_sweep(decode_all(igtl::encode(write_sweep(sweep, 3.0)))[0], why);
    ASSERT_TRUE(again) << why;
    EXPECT_EQ(again->pulse_count, 9U);
    EXPECT_EQ(again->sample_rate_hz, 5000);
    EXPECT_EQ(again->start_ms, -50);
    EXPECT_EQ(again->microvolts, sweep.microvolts);
}

TEST(IgtlTheatre, BadTriggersAndSweepsAreRefusedWithASentence) {
    for (const char* text : {"", "count=1", "count=-1 intensity=5", "count=1 intensity=nan", "count=1 intensity=-3",
                             "count=1x intensity=5", "count= intensity=", "intensity=5 count=99999999999999999999"}) {
        std::string why;
        EXPECT_FALSE(read_trigger({.device = "Trigger", .content = igtl::TextData{.text = text}}, SteadyTime{}, why))
            << text;
        EXPECT_FALSE(why.empty());
    }
    igtl::Message sweep =
        write_sweep({.pulse_count = 1, .sample_rate_hz = 1000, .start_ms = 0, .microvolts = {1, 2}}, 1);
    std::string why;
    EXPECT_TRUE(read_sweep(sweep, why));
    std::get<igtl::ArrayData>(sweep.content).values[1] = std::nanf("");
    EXPECT_FALSE(read_sweep(sweep, why));
    EXPECT_NE(why.find("pulse 1"), std::string::npos);
    sweep.metadata.pop_back();
    EXPECT_FALSE(read_sweep(sweep, why));
}

TEST(TrackerAddress, ReadsWhatUsersWrite) {
    EXPECT_EQ(parse_igtl_address("igtl://127.0.0.1:18944"), (TrackerAddress{"127.0.0.1", 18944}));
    EXPECT_EQ(parse_igtl_address("igtl://camera-2.lab"), (TrackerAddress{"camera-2.lab", 18944}));
    EXPECT_EQ(parse_igtl_address("igtl://camera:7/"), (TrackerAddress{"camera", 7}));
    EXPECT_EQ(parse_igtl_address("igtl://[::1]:8000"), (TrackerAddress{"::1", 8000}));
    for (const char* text : {"igtl://a:1", "igtl://[fe80::1]:18944", "igtl://host:65535"}) {
        EXPECT_EQ(to_igtl_text(parse_igtl_address(text)), text);
    }
}

TEST(TrackerAddress, RefusesTheRestWithASentence) {
    for (const char* text : {"", "127.0.0.1:18944", "http://a", "igtl://", "igtl://:5", "igtl://a:", "igtl://a:0",
                             "igtl://a:65536", "igtl://a:5x", "igtl://a b", "igtl://a:1:2", "igtl://[::1",
                             "igtl://[]:5", "igtl://[::1]5", "igtl://[host]:5", "igtl://a/b"}) {
        try {
            parse_igtl_address(text);
            ADD_FAILURE() << text;
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find("igtl://127.0.0.1:18944"), std::string::npos) << text;
        }
    }
}

}  // namespace
}  // namespace precentral
