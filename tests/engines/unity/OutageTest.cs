using System;
using System.Diagnostics;
using NUnit.Framework;
using UnityEngine;

namespace Visavis.Tests
{
    /// <summary>Servers and bridges that die, hang and come back under a living face.</summary>
    [TestFixture]
    public class OutageTest
    {
        static void AssertDisables(Scene scene, VisavisSource source, string name)
        {
            var watch = Stopwatch.StartNew();
            scene.Disable(source);
            Stack.Report("disable_" + name + "_s", watch.Elapsed.TotalSeconds);
            Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(1.0));
        }

        static bool IsAtRest(float[] face, bool lids)
        {
            for (int i = 0; i < face.Length; i++)
            {
                bool isLid = i == Face.EyeBlinkLeft || i == Face.EyeBlinkRight;
                if (Math.Abs(face[i]) > 1e-6 && (lids || !isLid)) { return false; }
            }
            return true;
        }

        static bool Moves(VisavisSource source)
        {
            return source.State == LinkState.Live && !IsAtRest(source.Face, true);
        }

        [Test]
        public void AServerThatDiesAndComesBack()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "orphan");
                scene.Enable(source);
                Assert.That(scene.Play(20.0, () => Moves(source)), source.LastError);
                double atS = Clock.NowS();
                Stack.Do("kill_server");
                Assert.That(scene.Play(10.0, () => IsAtRest(source.Face, true)), "rest");
                Stack.Report("server_killed_to_rest_s", Clock.NowS() - atS);
                Assert.That(scene.Play(10.0, () => source.State == LinkState.Away), "away");
                Assert.That(source.LastError, Is.Not.Empty);
                Line line = source.Say(Stack.Speech, 16000);
                Assert.That(scene.Play(5.0, () => line.State == LineState.Interrupted), "nothing can be said");
                Assert.That(line.Error, Contains.Substring("away"));
                Stack.Do("start_server");
                atS = Clock.NowS();
                Assert.That(scene.Play(20.0, () => Moves(source)), "live again: " + source.LastError);
                Stack.Report("server_listens_to_live_s", Clock.NowS() - atS);
                Assert.That(source.LastError, Is.Empty);
                AssertDisables(scene, source, "after_outage");
            }
        }

        [Test]
        public void ABridgeThatDiesAndComesBack()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "widow");
                scene.Enable(source);
                source.SetEmotion("happy", 1.0f);
                source.Say(Stack.Speech, 16000);
                Assert.That(scene.Play(20.0, () => source.SpokenLine > 0 && source.Position > 8000), source.LastError);
                Stack.Do("kill_bridge");
                Assert.That(scene.Play(5.0, () => source.State == LinkState.Lost), "lost");
                double lostS = Clock.NowS();
                Assert.That(source.LastError, Is.Not.Empty);
                Assert.That(scene.Play(2.0, () => IsAtRest(source.Face, true)), "rest");
                scene.Draw();
                Assert.That(source.audioSource.isPlaying, Is.False);
                Assert.That(scene.Play(6.0, () => source.Face[Face.EyeBlinkLeft] > 0.5f), "a life of its own");
                Assert.That(Clock.NowS() - lostS, Is.GreaterThan(3.5));
                Assert.That(IsAtRest(source.Face, false), "but for the lids");
                Stack.Do("start_bridge");
                double atS = Clock.NowS();
                Assert.That(scene.Play(20.0, () => Moves(source)), "live again: " + source.LastError);
                Stack.Report("bridge_listens_to_live_s", Clock.NowS() - atS);
                Assert.That(scene.Play(5.0, () => source.Face[Face.Of("mouthSmileLeft")] > 0.1f),
                    "wishes are told again");
                source.Say(Stack.Speech, 16000);
                Assert.That(scene.Play(20.0, () => source.SpokenLine > 0 && source.Face[Face.JawOpen] > 0.15f),
                    "and lines are said");
            }
        }

        [Test]
        public void ABridgeThatIsGoneWhileDisabling()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "late");
                scene.Enable(source);
                Assert.That(scene.Play(20.0, () => Moves(source)), source.LastError);
                Stack.Do("kill_bridge");
                Assert.That(scene.Play(5.0, () => source.State == LinkState.Lost), "lost");
                AssertDisables(scene, source, "lost");
                Stack.Do("start_bridge");
            }
        }

        [Test]
        public void ABridgeThatHangs()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "patient");
                scene.Enable(source);
                Assert.That(scene.Play(20.0, () => Moves(source)), source.LastError);
                Stack.Do("stop_bridge");
                try
                {
                    source.Say(new byte[1 << 22], 16000); // more than sockets take
                    AssertDisables(scene, source, "hanging");
                    scene.Enable(source);
                    scene.Play(1.0, () => false);
                    Assert.That(source.State, Is.Not.EqualTo(LinkState.Live));
                    AssertDisables(scene, source, "connecting");
                }
                finally { Stack.Do("continue_bridge"); }
            }
        }

        [Test]
        public void ABridgeThatHangsIsNoticed()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "patient");
                scene.Enable(source);
                Assert.That(scene.Play(20.0, () => Moves(source)), source.LastError);
                Stack.Do("stop_bridge");
                try
                {
                    Assert.That(scene.Play(2.0, () => IsAtRest(source.Face, true)), "rest");
                    Assert.That(scene.Play(5.0, () => source.State == LinkState.Lost), "lost");
                }
                finally { Stack.Do("continue_bridge"); }
                Assert.That(scene.Play(20.0, () => Moves(source)), "live again: " + source.LastError);
            }
        }
    }
}
