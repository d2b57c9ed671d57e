// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "data/error.h"
#include "navigation/seeded_random.h"
#include "navigation/stimulator_magstim.h"
#include "navigation/stimulator_magventure.h"
#include "navigation/trigger_address.h"
#include "navigation/trigger_input.h"
#include "navigation/trigger_text.h"

namespace precentral {
namespace {

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

TEST(MagVenture, ChecksumIsThatOfTheKnownCheckText) {
    const std::string check = "123456789";  // CRC-8/MAXIM: A1
    EXPECT_EQ(magventure::crc8(Bytes(check.begin(), check.end())), 0xA1);
    // The question for the state, as it is documented: FE 01 00 00 FF.
    EXPECT_EQ(magventure::frame_of(Bytes{0}), (Bytes{0xFE, 0x01, 0x00, 0x00, 0xFF}));
}

TEST(MagVenture, EveryKindOfNews) {
    magventure::Decoder decoder;
    StimulatorStatus status;
    std::string why;
    const SteadyTime now = steady_now();
    decoder.feed(joined({magventure::frame_of(magventure::amplitude_payload(57, 20, true)),
                         magventure::frame_of(magventure::fired_payload(254, 255, true)),
                         magventure::frame_of(magventure::enabled_payload(31, 60, false)),
                         magventure::frame_of(magventure::mep_payload({now, 812, -640, 23500})),
                         magventure::frame_of(magventure::train_payload(1, true, true)),
                         magventure::frame_of(Bytes{9, 1, 2, 3})}),
                 now);
    const auto next = [&] {
        const auto frame = decoder.next();
        EXPECT_TRUE(frame);
        const auto news = magventure::take(*frame, status, why);
        EXPECT_TRUE(news) << why;
        return *news;
    };
    EXPECT_TRUE(std::holds_alternative<std::monostate>(next()));
    EXPECT_EQ(status.intensity_mso, 57);
    EXPECT_EQ(status.intensity_b_mso, 20);
    EXPECT_EQ(status.enabled, true);
    EXPECT_TRUE(std::holds_alternative<magventure::Fired>(next()));
    EXPECT_EQ(status.didt_a_per_us, 254);
    EXPECT_EQ(status.didt_b_per_us, 255);
    next();
    EXPECT_EQ(status.enabled, false);
    EXPECT_EQ(status.temperature_c, 31.0);
    EXPECT_EQ(status.coil, 60);
    const auto mep = next();
    ASSERT_TRUE(std::holds_alternative<StimulatorMep>(mep));
    EXPECT_EQ(std::get<StimulatorMep>(mep).highest_uv, 812);
    EXPECT_EQ(std::get<StimulatorMep>(mep).lowest_uv, -640);
    EXPECT_EQ(std::get<StimulatorMep>(mep).highest_at_us, 23500U);
    next();
    EXPECT_EQ(status.train_running, true);
    next();
    EXPECT_FALSE(decoder.next());
    EXPECT_EQ(decoder.damaged(), 0U);
    decoder.feed(magventure::frame_of(magventure::status_payload(status)), now);
    StimulatorStatus copy;
    EXPECT_TRUE(magventure::take(*decoder.next(), copy, why));
    EXPECT_EQ(copy.intensity_mso, 57);
    EXPECT_EQ(copy.coil, 60);
}

TEST(MagVenture, APieceAtATimeIsStampedWithItsFirstByte) {
    magventure::Decoder decoder;
    const Bytes bytes = magventure::frame_of(magventure::fired_payload(80, 0, true));
    const SteadyTime start = steady_now();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_FALSE(decoder.next());
        decoder.feed(ByteView(bytes).subspan(i, 1), start + std::chrono::milliseconds(i));
    }
    const auto frame = decoder.next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->received, start);
}

TEST(MagVenture, DamageIsCountedAndCostsNoneOfTheOthers) {
    SeededRandom random(5);
    magventure::Decoder decoder;
    int sound = 0;
    int damaged = 0;
    int found = 0;
    const SteadyTime now = steady_now();
    for (int i = 0; i < 2000; ++i) {
        Bytes bytes = magventure::frame_of(magventure::fired_payload(i % 256, (7 * i) % 256, true));
        if (i % 10 == 3) {
            bytes[bytes.size() - 2] ^= 0x55U;  // the checksum
            ++damaged;
        } else {
            ++sound;
        }
        decoder.feed(bytes, now);
        while (decoder.next()) ++found;
    }
    decoder.expire(now + std::chrono::seconds(1));
    while (decoder.next()) ++found;
    EXPECT_EQ(found, sound);
    EXPECT_EQ(decoder.damaged(), static_cast<std::uint64_t>(damaged));
    EXPECT_NE(decoder.last_damage().find("checksum"), std::string::npos);
    // A length that promises more than comes holds nothing up for long.
    decoder.feed(Bytes{0xFE, 200, 1, 2}, now);
    EXPECT_FALSE(decoder.next());
    decoder.expire(now + std::chrono::milliseconds(100));
    decoder.feed(magventure::frame_of(magventure::fired_payload(1, 2, true)), now + std::chrono::milliseconds(100));
    EXPECT_FALSE(decoder.next());
    decoder.expire(now + std::chrono::milliseconds(400));
    EXPECT_TRUE(decoder.next());
    // Rubbish of any kind.
    for (int i = 0; i < 300; ++i) {
        Bytes rubbish;
        for (int k = 0; k < 200; ++k) rubbish.push_back(static_cast<std::uint8_t>(random()));
        decoder.feed(rubbish, now);
        StimulatorStatus status;
        std::string why;
        while (const auto frame = decoder.next()) (void)magventure::take(*frame, status, why);
    }
    for (int i = 0; i < 600; ++i) {
        decoder.expire(now + std::chrono::seconds(2));
        while (decoder.next()) continue;
    }
    decoder.feed(magventure::frame_of(magventure::fired_payload(1, 2, true)), now + std::chrono::seconds(3));
    EXPECT_TRUE(decoder.next());
}

TEST(MagVenture, ShortAndImpossiblePayloadsAreNamed) {
    StimulatorStatus status;
    std::string why;
    for (std::uint8_t kind = 0; kind < 9; ++kind) {
        if (kind == 6 || kind == 7) continue;  // read by nobody
        EXPECT_FALSE(magventure::take({Bytes{kind, 1}, {}}, status, why)) << int(kind);
        EXPECT_NE(why.find("only 2 bytes"), std::string::npos);
    }
    EXPECT_FALSE(magventure::take({magventure::amplitude_payload(180, 0, true), {}}, status, why));
    EXPECT_FALSE(status.intensity_mso);
}

TEST(Magstim, TheDocumentedChecksums) {
    EXPECT_EQ(magstim::with_checksum("@050").back(), 0x2A);  // '*'
    EXPECT_EQ(magstim::with_checksum("Q@").back(), 'n');
}

TEST(Magstim, SettingsStateAndTemperature) {
    magstim::Decoder decoder;
    StimulatorStatus status;
    const SteadyTime now = steady_now();
    magstim::State state{.armed = true, .ready = true, .power_mso = 63, .power_b_mso = 41, .temperature_c = 33.5};
    const auto heard = [&](const Bytes& bytes) {
        decoder.feed(bytes, now);
        const auto answer = decoder.next();
        ASSERT_TRUE(answer);
        EXPECT_TRUE(magstim::take(*answer, status));
        EXPECT_FALSE(decoder.next());
    };
    heard(magstim::settings_answer(state));
    EXPECT_EQ(status.intensity_mso, 63);
    EXPECT_EQ(status.intensity_b_mso, 41);
    EXPECT_EQ(status.ready, true);
    EXPECT_EQ(status.coil_present, true);
    EXPECT_FALSE(status.fired_since);
    state.ready = false;
    heard(magstim::state_answer('Q', state));
    EXPECT_TRUE(status.fired_since);  // ready, and now loading again
    heard(magstim::temperature_answer(state));
    EXPECT_FALSE(status.fired_since);
    EXPECT_DOUBLE_EQ(*status.temperature_c, 33.5);
    state.train = true;
    state.power_mso = 48;
    heard(magstim::rapid_settings_answer(state));
    EXPECT_EQ(status.train_running, true);
    EXPECT_EQ(status.intensity_mso, 48);
    state.armed = false;
    heard(magstim::state_answer('E', state));
    EXPECT_FALSE(status.fired_since);
    EXPECT_EQ(status.enabled, false);
    EXPECT_EQ(decoder.damaged(), 0U);
}

TEST(Magstim, DamageIsCountedAndTheNextAnswerIsFound) {
    magstim::Decoder decoder;
    const SteadyTime now = steady_now();
    const magstim::State state{.power_mso = 50};
    int found = 0;
    for (int i = 0; i < 100; ++i) {
        Bytes bytes = magstim::settings_answer(state);
        if (i % 5 == 1) bytes[4] ^= 0x01U;
        decoder.feed(bytes, now);
        while (decoder.next()) ++found;
    }
    for (int i = 0; i < 50; ++i) {
        decoder.expire(now + std::chrono::seconds(1));
        while (decoder.next()) ++found;
    }
    EXPECT_EQ(found, 80);
    EXPECT_EQ(decoder.damaged(), 20U);
}

TEST(TriggerText, AnyLineIsAPulse) {
    const SteadyTime now = steady_now();
    std::string why;
    auto trigger = trigger_from_line("PULSE", now, why);
    ASSERT_TRUE(trigger);
    EXPECT_EQ(trigger->count, 0U);
    EXPECT_EQ(trigger->intensity_mso, 0.0);
    EXPECT_EQ(trigger->received, now);
    EXPECT_FALSE(has_device_time(*trigger));
    trigger = trigger_from_line(" count=12 intensity=55.5 ", now, why);
    ASSERT_TRUE(trigger);
    EXPECT_EQ(trigger->count, 12U);
    EXPECT_EQ(trigger->intensity_mso, 55.5);
    EXPECT_FALSE(trigger_from_line("# hello", now, why));
    EXPECT_TRUE(why.empty());
    for (const char* bad : {"count=x", "count=-1", "count=1.5", "intensity=nan", "intensity=-3", "intensity=101",
                            "intensity=", "count=99999999999999999999", "\x01\x02"}) {
        EXPECT_FALSE(trigger_from_line(bad, now, why)) << bad;
        EXPECT_FALSE(why.empty()) << bad;
    }
}

TEST(TriggerText, LinesComeInAnyPieces) {
    LineSplitter lines;
    EXPECT_TRUE(lines.take("one").empty());
    EXPECT_EQ(lines.take("\r\ntwo\n\nthr"), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(lines.take("ee\n"), (std::vector<std::string>{"three"}));
    EXPECT_TRUE(lines.take(std::string(5000, 'x')).empty());
    EXPECT_EQ(lines.too_long(), 1U);
    EXPECT_EQ(lines.take("still\nfour\n"), (std::vector<std::string>{"four"}));
}

TEST(TriggerAddress, ThoseOfTheManual) {
    auto a = parse_trigger_address("trigger+tcp://localhost:5000");
    EXPECT_EQ(a.language, TriggerLanguage::text);
    EXPECT_EQ(a.wire, TriggerWire::tcp);
    EXPECT_EQ(a.host, "localhost");
    EXPECT_EQ(a.port, 5000);
    a = parse_trigger_address("trigger+udp://:5001");
    EXPECT_EQ(a.wire, TriggerWire::udp);
    EXPECT_EQ(a.host, "");
    a = parse_trigger_address("trigger+udp://[::1]:5001");
    EXPECT_EQ(a.host, "::1");
    a = parse_trigger_address("serial:/dev/ttyUSB0?baud=115200&on=byte&byte=0x54");
    EXPECT_EQ(a.path, "/dev/ttyUSB0");
    EXPECT_EQ(a.baud, 115200);
    EXPECT_EQ(a.byte, 0x54);
    a = parse_trigger_address("serial:/dev/ttyS0?on=dsr");
    EXPECT_EQ(a.language, TriggerLanguage::edge);
    EXPECT_EQ(a.line, ControlLine::dsr);
    a = parse_trigger_address("magventure:/dev/ttyS1");
    EXPECT_EQ(a.baud, 38400);
    EXPECT_FALSE(a.ask);
    EXPECT_TRUE(parse_trigger_address("magventure+tcp://10.0.0.1:4001?ask=yes").ask);
    a = parse_trigger_address("magstim:/dev/ttyS1");
    EXPECT_EQ(a.baud, 9600);
    EXPECT_EQ(a.poll, MagstimPoll::none);
    EXPECT_EQ(parse_trigger_address("magstim:/dev/ttyS1?poll=rapid").poll, MagstimPoll::rapid);
    for (const char* bad :
         {"", "tcp://a:1", "trigger+tcp://", "trigger+tcp://host", "trigger+tcp://:5", "trigger+tcp://h:0",
          "trigger+tcp://h:70000", "trigger+udp://x", "serial:", "serial:/dev/a?baud=7", "serial:/dev/a?on=light",
          "serial:/dev/a?byte=300", "serial:/dev/a?on=cts&byte=3", "magstim:/dev/a?poll=fast", "magstim:/dev/a?on=byte",
          "magventure:/dev/a?ask=maybe", "magventure:/dev/a?poll=200", "trigger+tcp://h:5?baud=9600"}) {
        try {
            parse_trigger_address(bad);
            ADD_FAILURE() << bad;
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find("trigger+tcp://host:port"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace precentral
