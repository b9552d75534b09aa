using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace Visavis.Tests
{
    /// <summary>The face of a draw is that of the reference in Python, step by step; and it costs no garbage.</summary>
    [TestFixture]
    public class FollowerTest
    {
        const double Tolerance = 1e-4;

        [Test]
        public void EveryGoldenCaseIsFollowed()
        {
            int shown = 0;
            foreach (object story in (List<object>)Golden.Json("follow.json")) { shown += Follow(story); }
            Assert.That(shown, Is.GreaterThan(100));
        }

        static int Follow(object story)
        {
            var follower = new Follower();
            foreach (object line in (List<object>)JsonReader.Of(story, "mine")) { follower.Own((int)(double)line); }
            var parts = (List<object>)JsonReader.Of(story, "parts");
            var face = new float[Follower.Count];
            int shown = 0;
            foreach (object step in (List<object>)JsonReader.Of(story, "steps"))
            {
                double nowS = JsonReader.NumberOf(step, "now_s", 0.0);
                var line = (int)JsonReader.NumberOf(step, "line", 0.0);
                switch (JsonReader.TextOf(step, "do"))
                {
                    case "hear":
                        var numbers = (List<object>)JsonReader.Of(step, "face");
                        var heard = new float[Follower.Count];
                        for (int i = 0; i < parts.Count; i++)
                        {
                            heard[Face.Of((string)parts[i])] = (float)(double)numbers[i];
                        }
                        follower.Hear(heard, line, (long)JsonReader.NumberOf(step, "line_sample", -1.0), nowS);
                        break;
                    case "away": follower.Away(); break;
                    case "lost": follower.Lost(nowS); break;
                    case "forget": follower.Forget(line); break;
                    case "show":
                        shown++;
                        follower.Show(nowS, line, JsonReader.NumberOf(step, "position", -1.0), face);
                        var wanted = (List<object>)JsonReader.Of(step, "shown");
                        for (int i = 0; i < parts.Count; i++)
                        {
                            Assert.That((double)face[Face.Of((string)parts[i])],
                                Is.EqualTo((double)wanted[i]).Within(Tolerance),
                                JsonReader.TextOf(story, "name") + ", " + parts[i] + " at " + nowS);
                        }
                        break;
                    default:
                        Assert.Fail("an unknown step");
                        break;
                }
            }
            return shown;
        }

        [Test]
        public void HearingAndShowingMakesNoGarbage()
        {
            var follower = new Follower();
            follower.Own(1);
            var face = new float[Follower.Count];
            HearAndShow(follower, face, 100);
            int collections = GC.CollectionCount(0);
            HearAndShow(follower, face, 200000); // 32 bytes each would fill the nursery of 4 MB
            Assert.That(GC.CollectionCount(0), Is.EqualTo(collections));
        }

        static void HearAndShow(Follower follower, float[] face, int count)
        {
            for (int i = 0; i < count; i++)
            {
                follower.Hear(face, 1, i * 266, i / 60.0);
                follower.Show(i / 60.0, 1, i * 266 - 100, face);
            }
        }
    }
}
