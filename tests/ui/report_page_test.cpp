// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <QFile>
#include <QImage>
#include <QPainter>
#include <QXmlStreamReader>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "data/error.h"
#include "data/store.h"
#include "report_cases.h"
#include "ui/report/report_session.h"
#include "ui/report/review_page.h"

namespace precentral {
namespace {

using test::four_visits;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class ReviewFile : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "precentral-review-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override { fs::remove_all(folder); }

    static std::string read(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static std::string output_of(const std::string& command) {
        std::string text;
        FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
        if (pipe == nullptr) return text;
        std::array<char, 4096> buffer{};
        while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), n);
        pclose(pipe);
        return text;
    }
    static bool has_poppler() { return !output_of("command -v pdftotext").empty(); }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }

    static void SetUpTestSuite() { session = std::make_unique<ReportSession>(); }
    static void TearDownTestSuite() { session.reset(); }

    static inline std::unique_ptr<ReportSession> session;
    fs::path folder;
};

// Words of the page as one line, as spaces and breaks depend on the layout.
std::string one_line(const std::string& text) { return QString::fromStdString(text).simplified().toStdString(); }

TEST_F(ReviewFile, PdfIsOneA4PageWithTheFacts) {
    const fs::path out = folder / "review.pdf";
    write_review(four_visits(), out);
    EXPECT_EQ(read(out).substr(0, 5), "%PDF-");
    EXPECT_EQ(files(), 1U);
    if (!has_poppler()) GTEST_SKIP() << "poppler-utils is not installed";
    const std::string info = output_of("pdfinfo " + out.string());
    EXPECT_THAT(info, ContainsRegex("Pages: +1\n"));
    EXPECT_THAT(info, HasSubstr("(A4)"));
    const std::string text = one_line(output_of("pdftotext -layout " + out.string() + " -"));
    for (const char* fact : {"PRC-7K2M9QXD",
                             "simulated",
                             "Responder: 45 % relief for 12 days after session 3; burning fell from 8 to 5",
                             "right hand and forearm",
                             "left motor cortex",
                             "6400 of 6400 pulses",
                             "1600 / 1600",
                             "9 Feb 2026",
                             "13 Apr 2026",
                             "not asked",
                             "own hotspot",
                             "10 mm",
                             "left side",
                             "front",
                             "back",
                             "not signed yet · draft",
                             "Not a medical device",
                             "Confirm side, target and intensity independently.",
                             "All data on this page are simulated.",
                             "without a pose",
                             "record "}) {
        EXPECT_THAT(text, HasSubstr(fact));
    }
    EXPECT_THAT(text, HasSubstr("gap −2 to 1 mm"));
    EXPECT_EQ(text.find("\xef\xbf\xbd"), std::string::npos);
}

TEST_F(ReviewFile, TheRightSideIsSaidAndFrontChangesPlaces) {
    if (!has_poppler()) GTEST_SKIP() << "poppler-utils is not installed";
    const fs::path out = folder / "review.pdf";
    write_review(four_visits(Side::right), out);
    const std::string text = one_line(output_of("pdftotext -layout " + out.string() + " -"));
    EXPECT_THAT(text, HasSubstr("right motor cortex"));
    EXPECT_THAT(text, HasSubstr("left hand and forearm"));
    EXPECT_THAT(text, HasSubstr("right side"));
    EXPECT_THAT(text, Not(HasSubstr("left side")));
    EXPECT_THAT(text, ContainsRegex("back midline front"));
}

TEST_F(ReviewFile, WithoutAHeadThePageSaysSoAndKeepsTheRest) {
    ReviewInput review = four_visits();
    review.head_missing = "the MRI is no longer where it was read from.";
    const std::vector<std::string> warnings = write_review(review, folder / "review.html");
    ASSERT_FALSE(warnings.empty());
    EXPECT_THAT(warnings.back(), HasSubstr("Cortex picture not available: the MRI is no longer"));
    const std::string html = read(folder / "review.html");
    EXPECT_THAT(html, HasSubstr("Cortex picture not available"));
    EXPECT_THAT(html, HasSubstr("own hotspot"));
}

TEST_F(ReviewFile, HtmlIsWellFormedAndStandsAlone) {
    write_review(four_visits(), folder / "review.html");
    QFile file(QString::fromStdString((folder / "review.html").string()));
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    QXmlStreamReader xml(&file);
    int drawings = 0, tables = 0;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) continue;
        drawings += xml.name() == QLatin1String("svg") ? 1 : 0;
        tables += xml.name() == QLatin1String("table") ? 1 : 0;
        EXPECT_NE(xml.name(), QLatin1String("script"));
        for (const QXmlStreamAttribute& attribute : xml.attributes()) {
            if (attribute.name() != QLatin1String("href") && attribute.name() != QLatin1String("src")) continue;
            EXPECT_TRUE(attribute.value().startsWith(QLatin1String("data:")));
        }
    }
    EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString() << " line " << xml.lineNumber();
    EXPECT_GE(drawings, 5);
    EXPECT_EQ(tables, 1);
    const std::string html = read(folder / "review.html");
    EXPECT_EQ(html.find("http"), std::string::npos);
    EXPECT_EQ(html.find("url("), std::string::npos);
    EXPECT_THAT(html, HasSubstr("Responder: 45 % relief"));
    EXPECT_LT(html.size(), 2'000'000U);
}

TEST_F(ReviewFile, HostileWordsStayWords) {
    ReviewInput review = four_visits();
    const std::string hostile =
        "<script>alert(1)</script>\"'& \xff\x02 <img src=x onerror=y> " + std::string(5000, 'W');
    review.patient.aetiology = review.patient.pain_region = review.patient.worst_symptom = review.patient.sex = hostile;
    review.patient.code = "PRC-<b>&";
    for (VisitReview& visit : review.visits) {
        visit.targets[0].name = visit.thresholds[0].method = visit.registrations[0].verdict = hostile;
        visit.outcomes = {test::outcome_of(visit.session.visit, 10, 1, 5, hostile)};
        visit.events.push_back({1, 1, "paused", hostile, {}});
        visit.pulses.resize(1000);
    }
    review.head_missing = hostile;
    write_review(review, folder / "review.html");
    const std::string html = read(folder / "review.html");
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("<img"), std::string::npos);
    QXmlStreamReader xml(QString::fromStdString(html));
    while (!xml.atEnd()) xml.readNext();
    EXPECT_FALSE(xml.hasError()) << xml.errorString().toStdString();

    write_review(review, folder / "review.pdf");
    if (!has_poppler()) return;
    EXPECT_THAT(output_of("pdfinfo " + (folder / "review.pdf").string()), ContainsRegex("Pages: +1\n"));
}

TEST_F(ReviewFile, AnEmptyCaseIsAPageToo) {
    ReviewInput review;
    review.patient.code = "PRC-00000000";
    write_review(review, folder / "review.pdf");
    write_review(review, folder / "review.html");
    EXPECT_THAT(read(folder / "review.html"), HasSubstr("No treatment pulse is on record yet."));
}

TEST_F(ReviewFile, ManyVisitsStillFitOnTheSheet) {
    for (const int visits : {1, 5, 9, 16, 60}) {
        ReviewInput review = four_visits();
        review.visits.clear();
        for (int visit = 1; visit <= visits; ++visit) {
            review.visits.push_back(test::visit_of(visit, 21 * visit, Side::left, visit % 7 == 0 ? 70 : 80, 0.5, 9));
            review.visits.back().session.protocol.trains = 1;
            review.visits.back().outcomes = {test::outcome_of(visit, visit, visit % 40, 5)};
        }
        const ReviewFacts facts = facts_of(review);
        const Letter letter = letter_of(review, facts);
        const ReviewFigures figures(facts, review);
        const PageFit fit = fit_page(letter, facts, figures);
        EXPECT_GE(fit.rows, std::min<std::size_t>(static_cast<std::size_t>(visits), 5U)) << visits;
        QImage page(794, 1123, QImage::Format_RGB32);
        page.fill(Qt::white);
        QPainter painter(&page);
        paint_page(painter, letter, facts, figures, fit);
        painter.end();
        // Nothing in the margins, and between the content and the footer at least one empty line.
        int marked = 0;
        for (int y = 0; y < 1123; ++y) {
            for (int x = 0; x < 794; ++x) {
                const bool margin = x < 48 || x > 746 || y < 30 || y > 1104;
                if (margin && page.pixel(x, y) != qRgb(255, 255, 255)) ++marked;
            }
        }
        EXPECT_EQ(marked, 0) << visits;
        bool gap = false;
        for (int y = 1040; y < 1067 && !gap; ++y) {
            gap = true;
            for (int x = 52; x < 742 && gap; ++x) gap = page.pixel(x, y) == qRgb(255, 255, 255);
        }
        EXPECT_TRUE(gap) << visits;
    }
}

TEST_F(ReviewFile, SaysWhatToDoWhenItCannotBeWritten) {
    const ReviewInput review = four_visits();
    EXPECT_THROW(write_review(review, folder / "review.docx"), InputError);
    EXPECT_THROW(write_review(review, folder / "review"), InputError);
    EXPECT_THROW(write_review(review, folder / "not there" / "review.pdf"), InputError);
    fs::create_directory(folder / "a.pdf");
    EXPECT_THROW(write_review(review, folder / "a.pdf"), InputError);
    try {
        write_review(review, "/proc/review.pdf");
        FAIL() << "wrote into /proc";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("could not be written to /proc/review.pdf"));
    }
    EXPECT_EQ(files(), 1U);
}

TEST_F(ReviewFile, AFullDiskLeavesTheOldFileAsItWas) {
    const fs::path out = folder / "review.pdf";
    std::ofstream(out) << "the old one";
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit small = before;
    small.rlim_cur = 4096;  // no file may grow beyond: the same error path as a full disk
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    std::string what;
    try {
        write_review(four_visits(), out);
    } catch (const Error& error) {
        what = error.what();
    }
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_THAT(what, HasSubstr("could not be written"));
    EXPECT_EQ(read(out), "the old one");
    EXPECT_EQ(files(), 1U);
}

TEST_F(ReviewFile, GathersACaseFromTheStore) {
    const auto store = open_store(":memory:");
    const ReviewInput made = four_visits();
    store->add_case(made.patient);
    for (const std::size_t v : {std::size_t{2}, std::size_t{0}}) {  // out of order
        const VisitReview& visit = made.visits[v];
        const RecordId session_id = store->add(visit.session);
        auto in_session = [&](auto record) {
            record.session = session_id;
            return record;
        };
        const RecordId registration = store->add(in_session(visit.registrations[0]));
        const RecordId target = store->add(in_session(visit.targets[0]));
        store->add(in_session(visit.hotspots[0]));
        store->add(in_session(visit.thresholds[0]));
        store->add(in_session(visit.outcomes[0]));
        std::vector<Pulse> pulses;
        for (std::size_t i = 0; i < 100; ++i) {
            Pulse pulse = in_session(visit.pulses[i]);
            pulse.target = target;
            pulse.registration = registration;
            pulses.push_back(pulse);
        }
        store->add(pulses);
    }
    const ReviewInput review = gather_review(*store, made.patient.code);
    EXPECT_EQ(review.patient.aetiology, made.patient.aetiology);
    ASSERT_EQ(review.visits.size(), 2U);
    EXPECT_EQ(review.visits[0].session.visit, 1);
    EXPECT_EQ(review.visits[1].session.visit, 3);
    const ReviewFacts facts = facts_of(review);
    EXPECT_EQ(facts.visits[1].given, 100);
    EXPECT_EQ(facts.visits[1].relief_percent, 45.0);
    EXPECT_TRUE(facts.visits[1].aim_median.has_value());
    EXPECT_THROW(gather_review(*store, "PRC-NOTTHERE"), InputError);
}

}  // namespace
}  // namespace precentral
