using NUnit.Framework;

namespace Visavis.Tests
{
    /// <summary>Pictures follow the sound, never go back, and are not overwritten while they are shown.</summary>
    [TestFixture]
    public class PicturesTest
    {
        const int Fps = 25;
        readonly Follower _follower = new Follower();
        Pictures _pictures;

        [SetUp]
        public void Begin()
        {
            _follower.Own(1);
            _pictures = new Pictures(Fps, _follower);
        }

        Picture Come(int line, long sample)
        {
            Picture picture = _pictures.Take();
            picture.Line = line;
            picture.LineSample = sample;
            _pictures.Add(picture, true);
            return picture;
        }

        [Test]
        public void TheSoundIsTheClock()
        {
            Assert.That(_pictures.Show(0, -1.0), Is.Null);
            Picture idle = Come(0, -1);
            for (int i = 0; i < 5; i++) { Come(1, 640 * i); }
            Assert.That(_pictures.Show(0, -1.0), Is.SameAs(idle), "ours is not shown without its sound");
            Assert.That(_pictures.Show(1, 639.0).LineSample, Is.EqualTo(0));
            Assert.That(_pictures.Show(1, 1280.0).LineSample, Is.EqualTo(1280));
            Assert.That(_pictures.Show(1, 99999.0).LineSample, Is.EqualTo(2560));
            Assert.That(_pictures.Show(0, -1.0).LineSample, Is.EqualTo(2560), "not back to an older one");
            Assert.That(_pictures.Show(0, -1.0), Is.Not.SameAs(idle));
            Picture later = Come(0, -1);
            Assert.That(_pictures.Show(0, -1.0), Is.SameAs(later));
        }

        [Test]
        public void WhatIsShownIsNotOverwritten()
        {
            Picture shown = Come(0, -1);
            Assert.That(_pictures.Show(0, -1.0), Is.SameAs(shown));
            for (int i = 0; i < 100; i++) { Assert.That(Come(1, i), Is.Not.SameAs(shown)); }
        }

        [Test]
        public void WhatCameInPartIsNothing()
        {
            Picture picture = _pictures.Take();
            picture.Line = 0;
            Assert.That(_pictures.Show(0, -1.0), Is.Null, "it is still being filled");
            _pictures.Add(picture, false);
            Assert.That(_pictures.Show(0, -1.0), Is.Null);
        }
    }
}
