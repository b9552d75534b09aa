using System;
using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;
using UnityEngine;

namespace Visavis.Tests
{
    /// <summary>Many characters at once, and what a draw costs.</summary>
    [TestFixture]
    public class CrowdTest
    {
        const int Motions = 20;
        const int Textures = 2;
        const double SecondsS = 4.0;

        [Test]
        public void TwentyFacesAndTwoPicturesLoseNoMotion()
        {
            var links = new List<Link>();
            try
            {
                for (int i = 0; i < Motions + Textures; i++)
                {
                    bool textures = i < Textures; // first, while the server has room
                    var link = new Link(new LinkOptions
                    {
                        // Small pictures: how fast a server draws is no matter here.
                        Port = Stack.Port, Character = "crowd" + i, Seed = i, Textures = textures,
                        Avatar = textures ? "guard" : "", TextureFps = 25, TextureSizePx = 256,
                    }, new Wishes());
                    links.Add(link);
                    link.Start();
                }
                double endS = Clock.NowS() + 30.0;
                while (Clock.NowS() < endS && links.Exists(link => link.Status.State != LinkState.Live))
                {
                    Thread.Sleep(20);
                }
                foreach (Link link in links)
                {
                    Assert.That(link.Status.State, Is.EqualTo(LinkState.Live), link.Status.LastError);
                }
                Watch(links);
            }
            finally
            {
                double closeS = Clock.NowS();
                foreach (Link link in links) { link.Close(); }
                Stack.Report("close_of_22_links_s", Clock.NowS() - closeS);
            }
        }

        static void Watch(List<Link> links)
        {
            var face = new float[Follower.Count];
            long pictures = 0;
            var first = new long[Textures];
            double fromS = Clock.NowS();
            while (Clock.NowS() - fromS < SecondsS)
            {
                for (int i = 0; i < links.Count; i++)
                {
                    links[i].Faces.Show(Clock.NowS(), 0, -1.0, face);
                    Picture picture = links[i].Pictures.Show(0, -1.0);
                    if (picture == null) { continue; }
                    if (first[i] == 0) { first[i] = picture.Number; }
                    pictures = Math.Max(pictures, picture.Number - first[i]);
                }
                Thread.Sleep(15);
            }
            long lost = 0;
            foreach (Link link in links) { lost += link.Status.MotionLost; }
            Stack.Report("crowd_motion_lost", lost);
            Stack.Report("crowd_pictures_per_s", pictures / SecondsS);
            Assert.That(lost, Is.EqualTo(0));
            Assert.That(pictures, Is.GreaterThan(0));
        }

        [Test]
        public void DrawingMakesNoGarbage()
        {
            using (var scene = new Scene())
            {
                VisavisSource source = Stack.Source(scene, "thrifty");
                source.avatar = "guard";
                source.textures = true;
                source.textureSize = 256;
                var texture = scene.Add<VisavisFaceTexture>();
                texture.targetRenderer = null;
                scene.Enable(source);
                scene.Enable(texture);
                var mesh = new Mesh { Shapes = new[] { "jawOpen", "eyeBlinkLeft" } };
                var shapes = scene.Add<VisavisFaceBlendShapes>();
                shapes.meshes = new[] { new SkinnedMeshRenderer { sharedMesh = mesh } };
                scene.Enable(shapes);
                source.Say(Stack.Speech, 16000);
                Assert.That(scene.Play(20.0, () => source.Position > 8000 && texture.texture != null),
                    source.LastError);
                for (int i = 0; i < 100; i++) { Step(scene); } // every slot of pictures has its memory now
                GC.Collect();
                int collections = GC.CollectionCount(0);
                long before = GC.GetTotalMemory(false);
                for (int i = 0; i < 300; i++) { Step(scene); }
                double perDraw = (GC.GetTotalMemory(false) - before) / 300.0;
                Stack.Report("bytes_per_draw_all_threads", perDraw);
                Assert.That(source.SpokenLine, Is.GreaterThan(0), "it spoke all the time");
                Assert.That(GC.CollectionCount(0), Is.EqualTo(collections));
                Assert.That(perDraw, Is.LessThan(200.0));
            }
        }

        static void Step(Scene scene)
        {
            scene.Draw();
            Thread.Sleep(10);
        }
    }
}
