using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using NUnit.Framework;
using UnityEngine;

namespace Visavis.Tests
{
    /// <summary>Interrupting and ending in the middle of a line.</summary>
    [TestFixture]
    public class CutTest
    {
        static bool Speaks(VisavisSource source)
        {
            return source.Position > 16000 && source.SpokenLine > 0 && source.Face[Face.JawOpen] > 0.15f;
        }

        [Test]
        public void InterruptStopsTheSoundAndShutsTheMouth()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "cut");
                var events = new List<string>();
                source.LineInterrupted += line => events.Add("interrupted");
                source.LineFinished += line => events.Add("finished");
                scene.Enable(source);
                source.Say(Stack.Speech, 16000);
                source.Say(Stack.Speech, 16000);
                Assert.That(scene.Play(20.0, () => Speaks(source)), source.LastError);
                source.Interrupt();
                Assert.That(source.audioSource.isPlaying, Is.False);
                scene.Draw(); // the face leaves from here
                double cutS = Clock.NowS();
                double shutS = double.PositiveInfinity, mostAfter = 0.0;
                scene.Play(2.0, () =>
                {
                    double sinceS = Clock.NowS() - cutS;
                    float jaw = source.Face[Face.JawOpen];
                    if (jaw < 0.05f) { shutS = Math.Min(shutS, sinceS); }
                    if (sinceS > 0.16) { mostAfter = Math.Max(mostAfter, jaw); }
                    return sinceS > 1.0;
                });
                Stack.Report("interrupt_mouth_shut_s", shutS);
                Assert.That(events, Is.EqualTo(new[] { "interrupted", "interrupted" }));
                Assert.That(mostAfter, Is.LessThan(0.1), "120 ms and a draw later it is shut, and stays so");
                Line again = source.Say(Stack.Speech, 16000);
                Assert.That(scene.Play(20.0, () => Speaks(source)), "another line can be said: " + again.Error);
            }
        }

        [Test]
        public void DisablingInALineEndsItAtTheBridgeToo()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "left");
                scene.Enable(source);
                source.Say(Stack.Speech, 16000);
                Assert.That(scene.Play(20.0, () => Speaks(source)), source.LastError);
                var watch = Stopwatch.StartNew();
                scene.Disable(source);
                Stack.Report("disable_live_s", watch.Elapsed.TotalSeconds);
                Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(1.0));
                Assert.That(source.audioSource.isPlaying, Is.False);
                // Whoever listens now sees a face that says nothing.
                scene.Enable(source);
                Assert.That(scene.Play(10.0, () => source.State == LinkState.Live), source.LastError);
                double liveS = Clock.NowS();
                double most = 0.0;
                scene.Play(3.0, () =>
                {
                    if (Clock.NowS() - liveS > 0.4) { most = Math.Max(most, source.Face[Face.JawOpen]); }
                    return Clock.NowS() - liveS > 1.5;
                });
                Assert.That(most, Is.LessThan(0.15));
            }
        }

        [Test]
        public void APausedSoundShutsTheMouthAndGoesOn()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "paused");
                scene.Enable(source);
                source.Say(Stack.Speech, 16000);
                Assert.That(scene.Play(20.0, () => Speaks(source)), source.LastError);
                source.audioSource.Pause();
                double atS = Clock.NowS();
                scene.Play(2.0, () => Clock.NowS() - atS > 0.4);
                Assert.That(source.Face[Face.JawOpen], Is.LessThan(0.01));
                Assert.That(source.SpokenLine, Is.GreaterThan(0));
                source.audioSource.UnPause();
                Assert.That(scene.Play(5.0, () => source.Face[Face.JawOpen] > 0.1f), "it goes on");
            }
        }
    }
}
