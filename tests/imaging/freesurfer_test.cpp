// SPDX-License-Identifier: Apache-2.0
// FreeSurfer's files, written here byte by byte, and the folders of three programs.
#include "imaging/freesurfer.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/subject_folder.h"
#include "imaging/surface_io.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// Big-endian, as FreeSurfer writes.
struct Big {
    std::string bytes;
    Big& integer(std::int32_t value) {
        const auto bits = static_cast<std::uint32_t>(value);
        for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>((bits >> shift) & 0xFFU);
        return *this;
    }
    Big& real(double value) { return integer(std::bit_cast<std::int32_t>(static_cast<float>(value))); }
    Big& text(const std::string& value) {
        bytes += value;
        return *this;
    }
    Big& counted(const std::string& value) {
        return integer(static_cast<std::int32_t>(value.size()) + 1).text(value).text(std::string(1, '\0'));
    }
};

void write(const std::filesystem::path& path, const std::string& bytes) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

Big triangles_of(const Surface& surface) {
    Big out;
    out.text("\xFF\xFF\xFE").text("created by a test\n\n");
    out.integer(static_cast<std::int32_t>(surface.vertices.size()));
    out.integer(static_cast<std::int32_t>(surface.triangles.size()));
    for (const auto& v : surface.vertices) out.real(v.xyz.x()).real(v.xyz.y()).real(v.xyz.z());
    for (const auto& t : surface.triangles) out.integer(t[0]).integer(t[1]).integer(t[2]);
    return out;
}

constexpr const char* kConformed =
    "valid = 1  # volume info valid\nfilename = ../mri/filled-pretess255.mgz\nvolume = 256 256 256\n"
    "voxelsize = 1.0 1.0 1.0\nxras   = -1.0 0.0 0.0\nyras   = 0.0 0.0 -1.0\nzras   = 0.0 1.0 0.0\n"
    "cras   = 5.5 -18.25 31.0\n";

TEST(FreeSurfer, AConformedSurfaceIsMovedByTheCentreOfItsVolume) {
    const TemporaryFolder folder;
    const Surface there = sphere({-30, 10, 20}, 40.0, 3);
    for (const bool real_ras : {false, true}) {
        Big file = triangles_of(there);
        file.integer(2).integer(real_ras ? 1 : 0).integer(20).text(kConformed);
        write(folder / "lh.pial", file.bytes);
        const Surface back = read_surface(folder / "lh.pial");
        ASSERT_EQ(back.vertices.size(), there.vertices.size());
        EXPECT_EQ(back.triangles, there.triangles);
        const Vector3d centre = real_ras ? Vector3d(0, 0, 0) : Vector3d(5.5, -18.25, 31.0);
        for (std::size_t i = 0; i < back.vertices.size(); ++i) {
            EXPECT_LT((back.vertices[i].xyz - there.vertices[i].xyz - centre).norm(), 1e-4);
        }
        EXPECT_GT(measured(back).volume_ml, 0.0);
    }
    // Older files have no tag before the geometry's.
    write(folder / "rh.white", triangles_of(there).integer(20).text(kConformed).bytes);
    EXPECT_LT((read_surface(folder / "rh.white").vertices[0].xyz - there.vertices[0].xyz - Vector3d(5.5, -18.25, 31.0))
                  .norm(),
              1e-4);
}

// Any volume: a voxel's place by FreeSurfer's two formulas, the one of its surfaces and the one of its volumes.
TEST(FreeSurfer, SurfacesFollowTheirVolumeWhateverItsAxes) {
    std::mt19937 random(8);
    std::uniform_real_distribution<double> any(-1.0, 1.0);
    for (int trial = 0; trial < 20; ++trial) {
        const Eigen::Matrix3d cosines =
            Eigen::Quaterniond(any(random), any(random), any(random), any(random)).normalized().toRotationMatrix() *
            Vector3d(trial % 2 == 0 ? 1.0 : -1.0, 1, 1).asDiagonal();
        const Vector3d d(1.0 + 0.3 * any(random), 1.0 + 0.3 * any(random), 1.5 + 0.3 * any(random));
        const std::array<int, 3> n = {160 + trial, 256, 201 - trial};
        const Vector3d centre = 50.0 * Vector3d(any(random), any(random), any(random));
        Surface in_file = sphere({0, 0, 0}, 1.0, 0);
        std::vector<Vector3d> expected;
        for (auto& vertex : in_file.vertices) {
            const Vector3d voxel = Vector3d(80, 120, 100) + 60.0 * Vector3d(any(random), any(random), any(random));
            vertex.xyz = Vector3d(-d[0] * (voxel[0] - n[0] / 2.0), d[2] * (voxel[2] - n[2] / 2.0),
                                  -d[1] * (voxel[1] - n[1] / 2.0));
            const Vector3d from_centre = voxel - 0.5 * Vector3d(n[0], n[1], n[2]);
            expected.push_back(cosines * d.cwiseProduct(from_centre) + centre);
        }
        std::ostringstream geometry;
        geometry.precision(12);
        geometry << "valid = 1\nfilename = x\nvolume = " << n[0] << " " << n[1] << " " << n[2]
                 << "\nvoxelsize = " << d.transpose() << "\nxras = " << cosines.col(0).transpose()
                 << "\nyras = " << cosines.col(1).transpose() << "\nzras = " << cosines.col(2).transpose()
                 << "\ncras = " << centre.transpose() << "\n";
        const TemporaryFolder folder;
        write(folder / "lh.white", triangles_of(in_file).integer(20).text(geometry.str()).bytes);
        const Surface back = read_surface(folder / "lh.white");
        for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_LT((back.vertices[i].xyz - expected[i]).norm(), 1e-3);
    }
}

void expect_refused(const std::filesystem::path& path, const std::string& word) {
    try {
        (void)read_surface(path);
        ADD_FAILURE() << path << " was taken";
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find(path.filename().string()), std::string::npos) << error.what();
    }
}

TEST(FreeSurfer, RefusesInWordsWhatItCannotPlaceOrRead) {
    const TemporaryFolder folder;
    const Surface ball = sphere({0, 0, 0}, 40.0, 2);
    const std::string good = triangles_of(ball).integer(20).text(kConformed).bytes;
    write(folder / "lh.pial", triangles_of(ball).bytes);
    expect_refused(folder / "lh.pial", "where its volume lies");
    write(folder / "lh.orig", triangles_of(ball).integer(20).text("valid = 0\n").bytes);
    expect_refused(folder / "lh.orig", "where its volume lies");
    write(folder / "lh.old", "\xFF\xFF\xFF" + good.substr(3));
    expect_refused(folder / "lh.old", "quadrangle");
    write(folder / "lh.older", "\xFF\xFF\xFD" + good.substr(3));
    expect_refused(folder / "lh.older", "quadrangle");
    write(folder / "lh.inflated", good);
    expect_refused(folder / "lh.inflated", "bent");
    write(folder / "lh.halfgeometry", triangles_of(ball).integer(20).text("valid = 1\nvolume = 256 256 256\n").bytes);
    expect_refused(folder / "lh.halfgeometry", "incomplete");
    // Cut anywhere, and sizes that lie: one sentence, no crash, no gigabytes.
    for (std::size_t cut = 3; cut < triangles_of(ball).bytes.size(); cut += 61) {
        write(folder / "lh.cut", good.substr(0, cut));
        EXPECT_THROW(read_surface(folder / "lh.cut"), InputError) << cut;
    }
    for (const std::int32_t size : {-1, 0, 2'000'000'000}) {
        Big liar;
        liar.text("\xFF\xFF\xFE").text("x\n\n").integer(size).integer(size).text(std::string(100, 'x'));
        write(folder / "lh.liar", liar.bytes);
        EXPECT_THROW(read_surface(folder / "lh.liar"), InputError) << size;
    }
    std::mt19937 random(1);
    for (int trial = 0; trial < 200; ++trial) {
        std::string bytes = good;
        for (int i = 0; i < 4; ++i) bytes[3 + random() % (bytes.size() - 3)] = static_cast<char>(random());
        write(folder / "lh.wild", bytes);
        try {
            const Surface s = read_surface(folder / "lh.wild");
            require_usable(s, "what was read");
        } catch (const InputError&) {
        }
    }
}

TEST(FreeSurfer, AnnotationsNameEachVertex) {
    const TemporaryFolder folder;
    const auto value = [](int r, int g, int b) { return r + 256 * g + 65536 * b; };
    Big body;
    body.integer(5);
    for (const auto& [vertex, colour] : {std::pair{0, value(60, 20, 220)},
                                         {1, value(220, 20, 20)},
                                         {2, value(60, 20, 220)},
                                         {3, 0},
                                         {4, value(1, 2, 3)}}) {
        body.integer(vertex).integer(colour);
    }
    Big newer;
    newer.text(body.bytes).integer(1).integer(-2).integer(30).counted("colours.txt").integer(3);
    newer.integer(0).counted("unknown").integer(25).integer(5).integer(25).integer(0);
    newer.integer(22).counted("postcentral").integer(220).integer(20).integer(20).integer(0);
    newer.integer(24).counted("precentral").integer(60).integer(20).integer(220).integer(0);
    write(folder / "lh.aparc.annot", newer.bytes);
    Big older;
    older.text(body.bytes).integer(1).integer(2).counted("colours.txt");
    older.counted("postcentral").integer(220).integer(20).integer(20).integer(0);
    older.counted("precentral").integer(60).integer(20).integer(220).integer(0);
    write(folder / "rh.aparc.annot", older.bytes);
    for (const char* name : {"lh.aparc.annot", "rh.aparc.annot"}) {
        const Annotation a = load_annotation(folder / name);
        EXPECT_EQ(a.vertices_of("precentral"), (std::vector<int>{0, 2})) << name;
        EXPECT_EQ(a.vertices_of("postcentral"), (std::vector<int>{1})) << name;
        EXPECT_EQ(a.label[3], -1) << name;
        EXPECT_EQ(a.label[4], -1) << name;
        EXPECT_THROW((void)a.vertices_of("insula"), InputError);
    }
    write(folder / "bare.annot", body.bytes);
    EXPECT_THROW(load_annotation(folder / "bare.annot"), InputError);
    for (std::size_t cut = 0; cut < newer.bytes.size(); cut += 7) {
        write(folder / "cut.annot", newer.bytes.substr(0, cut));
        EXPECT_THROW(load_annotation(folder / "cut.annot"), InputError) << cut;
    }
    EXPECT_THROW(load_annotation(folder / "none.annot"), InputError);
}

TEST(SubjectFolder, FindsWhatEachProgramLeaves) {
    const TemporaryFolder folder;
    for (const char* file :
         {"sim/m2m_ernie/T1.nii.gz", "sim/m2m_ernie/surfaces/lh.pial.gii", "sim/m2m_ernie/surfaces/rh.pial.gii",
          "sim/m2m_ernie/surfaces/lh.central.gii", "sim/m2m_ernie/surfaces/rh.central.gii", "fs/mri/orig.mgz",
          "fs/surf/lh.pial", "fs/surf/rh.pial", "fs/label/lh.aparc.annot", "cat/anna.nii", "cat/mri/manna.nii",
          "cat/surf/lh.central.anna.gii", "cat/surf/rh.central.anna.gii", "cat/surf/lh.pial.anna.gii", "flat/mbert.nii",
          "flat/lh.central.bert.gii", "flat/rh.central.bert.gii"}) {
        write(folder / file, "x");
    }
    for (const char* place : {"sim", "sim/m2m_ernie", "sim/m2m_ernie/"}) {
        const SubjectFolder s = find_subject_folder(folder / place);
        EXPECT_EQ(s.made_by, "SimNIBS");
        EXPECT_EQ(s.cortex_kind, "pial");
        EXPECT_EQ(s.t1.filename(), "T1.nii.gz");
        EXPECT_EQ(s.left_cortex.filename(), "lh.pial.gii");
        EXPECT_EQ(s.right_cortex.filename(), "rh.pial.gii");
        EXPECT_TRUE(s.missing.empty());
        EXPECT_EQ(s.found.size(), 3U);
    }
    const SubjectFolder f = find_subject_folder(folder / "fs");
    EXPECT_EQ(f.made_by, "FreeSurfer");
    EXPECT_EQ(f.t1.filename(), "orig.mgz");
    EXPECT_EQ(f.left_aparc.filename(), "lh.aparc.annot");
    EXPECT_TRUE(f.right_aparc.empty());
    const SubjectFolder c = find_subject_folder(folder / "cat");
    EXPECT_EQ(c.made_by, "CAT12");
    EXPECT_EQ(c.t1.filename(), "anna.nii");
    EXPECT_EQ(c.cortex_kind, "central");  // of the outer surface only one half is there
    EXPECT_EQ(c.right_cortex.filename(), "rh.central.anna.gii");
    const SubjectFolder b = find_subject_folder(folder / "flat");
    EXPECT_EQ(b.t1.filename(), "mbert.nii");
}

TEST(SubjectFolder, SaysWhatIsMissing) {
    const TemporaryFolder folder;
    const auto refused = [&](const char* place, const std::vector<std::string>& words) {
        try {
            (void)find_subject_folder(folder / place);
            ADD_FAILURE() << place;
        } catch (const InputError& error) {
            for (const std::string& word : words) {
                EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
            }
        }
    };
    refused("nowhere", {"nowhere"});
    write(folder / "empty/readme.txt", "x");
    refused("empty", {"empty", "SimNIBS", "CAT12", "FreeSurfer"});
    write(folder / "m2m_a/T1.nii.gz", "x");
    refused("m2m_a", {"SimNIBS", "no cortex surfaces"});
    write(folder / "m2m_b/surfaces/lh.central.gii", "x");
    refused("m2m_b", {"no T1"});
    write(folder / "two/m2m_a/T1.nii.gz", "x");
    write(folder / "two/m2m_b/T1.nii.gz", "x");
    refused("two", {"several", "m2m_a, m2m_b"});
    write(folder / "group/surf/lh.central.anna.gii", "x");
    write(folder / "group/surf/lh.central.bert.gii", "x");
    refused("group", {"several", "anna, bert"});
    // One half is better than nothing, and what is not there is said.
    write(folder / "m2m_c/T1.nii.gz", "x");
    write(folder / "m2m_c/surfaces/rh.pial.gii", "x");
    const SubjectFolder half = find_subject_folder(folder / "m2m_c");
    EXPECT_TRUE(half.left_cortex.empty());
    ASSERT_EQ(half.missing.size(), 1U);
    EXPECT_NE(half.missing[0].find("left"), std::string::npos);
}

}  // namespace
}  // namespace precentral
