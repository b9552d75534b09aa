using System;
using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;
using UnityEngine;

namespace Visavis.Tests
{
    /// <summary>Lines one after the other, from clips and in pieces.</summary>
    [TestFixture]
    public class LinesTest
    {
        const int Second = 32000; // bytes

        static byte[] Part(int from, int count)
        {
            var part = new byte[count];
            Array.Copy(Stack.Speech, from, part, 0, count);
            return part;
        }

        /// <summary>A clip as game assets are: stereo, 48 kHz.</summary>
        static AudioClip Stereo(byte[] pcm)
        {
            var samples = new float[pcm.Length / 2 * 6];
            for (int i = 0; i < samples.Length; i++) { samples[i] = BitConverter.ToInt16(pcm, i / 6 * 2) / 32768.0f; }
            AudioClip clip = AudioClip.Create("asset", samples.Length / 2, 2, 48000, false);
            clip.SetData(samples, 0);
            return clip;
        }

        [Test]
        public void LinesFollowOneAnother()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "talker");
                var events = new List<string>();
                source.LineStarted += line => events.Add("started " + line.Number);
                source.LineFinished += line => events.Add("finished " + line.Number);
                source.LineInterrupted += line => events.Add("interrupted " + line.Error);
                scene.Enable(source);
                AudioClip clip = Stereo(Part(2 * Second, 2 * Second));
                source.Say(Part(0, 2 * Second), 16000);
                source.Say(clip);
                double firstEndS = 0.0, gapS = 0.0, most = 0.0;
                bool done = scene.Play(30.0, () =>
                {
                    if (source.SpokenLine == 1) { firstEndS = Clock.NowS(); }
                    if (source.SpokenLine == 2)
                    {
                        if (gapS == 0.0) { gapS = Clock.NowS() - firstEndS; }
                        most = Math.Max(most, source.Face[Face.JawOpen]);
                    }
                    return events.Count == 4;
                });
                Assert.That(done, source.LastError);
                Assert.That(events, Is.EqualTo(new[] { "started 1", "finished 1", "started 2", "finished 2" }));
                Stack.Report("gap_between_lines_s", gapS);
                Assert.That(gapS, Is.LessThan(0.5));
                Assert.That(most, Is.GreaterThan(0.15), "the clip moves the mouth");
                Assert.That(clip.IsDestroyed, Is.False, "an asset stays");
            }
        }

        [Test]
        public void ALineMayComeInPieces()
        {
            using (var link = new Link(new LinkOptions { Port = Stack.Port, Character = "streamed" }, new Wishes()))
            {
                link.Start();
                Line line = link.BeginLine(16000);
                for (int i = 0; i < 10; i++)
                {
                    line.Add(Part(i * Second / 10, Second / 10));
                    Thread.Sleep(50);
                }
                line.End();
                Assert.Throws<InvalidOperationException>(() => line.Add(new byte[2]));
                double endS = Clock.NowS() + 20.0;
                while (!line.IsOver && Clock.NowS() < endS) { Thread.Sleep(10); }
                Assert.That(line.State, Is.EqualTo(LineState.Finished), line.Error + link.Status.LastError);
                Assert.That(link.Faces.Newest(line.Number), Is.InRange(15000, 20000), "motion for all of it");
            }
        }

        [Test]
        public void ALongLineGoesInPiecesByItself()
        {
            using (var link = new Link(new LinkOptions { Port = Stack.Port, Character = "long" }, new Wishes()))
            {
                link.Start();
                var pcm = new byte[100 * Second]; // more than three pieces
                Array.Copy(Stack.Speech, pcm, Stack.Speech.Length);
                Line line = link.Say(pcm, 16000);
                double endS = Clock.NowS() + 20.0;
                while (link.Faces.Newest(line.Number) < 16000 && Clock.NowS() < endS) { Thread.Sleep(10); }
                Assert.That(line.State, Is.EqualTo(LineState.Started), line.Error);
                Assert.That(link.Status.LastError, Is.Empty);
                link.Interrupt();
                Assert.That(line.State, Is.EqualTo(LineState.Interrupted));
            }
        }

        [Test]
        public void WhoeverHearsOfAnInterruptionMaySaySomethingNew()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "answering");
                Line answer = null;
                source.LineInterrupted += line => answer = answer ?? source.Say(Part(0, Second), 16000);
                scene.Enable(source);
                source.Say(Part(0, 4 * Second), 16000);
                source.Say(Part(0, 4 * Second), 16000);
                Assert.That(scene.Play(20.0, () => source.Position > 8000), source.LastError);
                source.Interrupt();
                Assert.That(scene.Play(20.0, () => answer.IsOver && source.SpokenLine == 0));
                Assert.That(answer.State, Is.EqualTo(LineState.Finished), answer.Error);
            }
        }

        [Test]
        public void WhatCannotBeSaidIsToldAtOnce()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "mute");
                Assert.Throws<InvalidOperationException>(() => source.Say(Part(0, Second), 16000), "not enabled");
                source.audioSource = null;
                scene.Enable(source);
                scene.Draw();
                Assert.That(source.audioSource != null, "the one beside it");
                Assert.Throws<ArgumentException>(() => source.Say(new byte[3], 16000));
                Assert.Throws<ArgumentException>(() => source.SetEmotion("jolly", 1.0f));
                scene.Disable(source);
                source.character = "not a name";
                scene.Enable(source);
                scene.Draw();
                scene.Draw();
                Assert.That(Debug.Errors.Count, Is.EqualTo(1), "told once");
                Assert.That(source.LastError, Contains.Substring("not a name"));
                scene.Enable(scene.Add<VisavisFaceTexture>());
                Assert.That(Debug.Warnings.Count, Is.EqualTo(1), "no pictures were asked for");
            }
        }

        [Test]
        public void ASoundThatIsDestroyedEndsNothingElse()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "bereft");
                scene.Enable(source);
                Line line = source.Say(Part(0, 2 * Second), 16000);
                Assert.That(scene.Play(20.0, () => source.SpokenLine > 0), source.LastError);
                UnityEngine.Object.Destroy(source.audioSource);
                Assert.That(scene.Play(20.0, () => line.IsOver), "the face says it to its end");
                Assert.That(source.SpokenLine, Is.EqualTo(0), "but not without its sound");
                source.audioSource = scene.Add<AudioSource>();
                source.Say(Part(0, 2 * Second), 16000);
                scene.Play(0.5, () => false);
                scene.Disable(source);
            }
        }

        [Test]
        public void TheStubKeepsUnitysRule()
        {
            using (var scene = new Scene())
            {
                var audio = scene.Add<AudioSource>();
                Exception caught = null;
                var thread = new Thread(() =>
                {
                    try { audio.Stop(); }
                    catch (UnityException wrong) { caught = wrong; }
                });
                thread.Start();
                thread.Join();
                Assert.That(caught, Is.Not.Null, "off the main thread");
                audio.Stop();
            }
        }
    }
}
