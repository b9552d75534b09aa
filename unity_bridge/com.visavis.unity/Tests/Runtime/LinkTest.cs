using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using NUnit.Framework;

namespace Visavis.Tests
{
    /// <summary>
    /// A link that meets nobody, strangers and silence: it says so, and always closes within a second.
    /// </summary>
    [TestFixture]
    public class LinkTest
    {
        const double CloseS = 1.0;

        static Link Started(int port)
        {
            var link = new Link(new LinkOptions { Port = port, Character = "guard" }, new Wishes());
            link.Start();
            return link;
        }

        static bool Comes(Link link, LinkState state, double limitS)
        {
            double endS = Clock.NowS() + limitS;
            while (Clock.NowS() < endS)
            {
                if (link.Status.State == state) { return true; }
                Thread.Sleep(5);
            }
            return false;
        }

        static void AssertCloses(Link link)
        {
            var watch = Stopwatch.StartNew();
            link.Close();
            Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(CloseS));
        }

        static TcpListener Listener(int backlog)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start(backlog);
            return listener;
        }

        static int PortOf(TcpListener listener)
        {
            // The motion port is tried first; it is the one above.
            return ((IPEndPoint)listener.LocalEndpoint).Port - 1;
        }

        [Test]
        public void NobodyIsThere()
        {
            TcpListener listener = Listener(1);
            int port = PortOf(listener);
            listener.Stop();
            Link link = Started(port);
            Assert.That(Comes(link, LinkState.Lost, 5.0));
            Assert.That(link.Status.LastError, Contains.Substring("visavis serve --bridge"));
            Line line = link.Say(new byte[320], 16000);
            Assert.That(line.State, Is.EqualTo(LineState.Interrupted));
            Assert.That(line.Error, Contains.Substring("visavis serve --bridge"));
            AssertCloses(link);
        }

        [Test]
        public void TheHostDoesNotExist()
        {
            var options = new LinkOptions { Host = "no-such-host.invalid", Character = "guard" };
            var link = new Link(options, new Wishes());
            link.Start();
            Comes(link, LinkState.Lost, 5.0);
            AssertCloses(link);
        }

        [Test]
        public void NobodyAcceptsAndConnectingHangs()
        {
            TcpListener listener = Listener(0);
            var others = new List<Socket>();
            for (int i = 0; i < 4; i++) // more than the queue holds: who comes next waits for ever
            {
                var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                other.Blocking = false;
                try { other.Connect(listener.LocalEndpoint); }
                catch (SocketException) { }
                others.Add(other);
            }
            Link link = Started(PortOf(listener));
            Thread.Sleep(200);
            Assert.That(link.Status.State, Is.EqualTo(LinkState.Connecting));
            AssertCloses(link);
            foreach (Socket other in others) { other.Close(); }
            listener.Stop();
        }

        [Test]
        public void SomebodyAcceptsAndIsSilent()
        {
            TcpListener listener = Listener(5);
            Link link = Started(PortOf(listener));
            Thread.Sleep(200);
            Assert.That(link.Status.State, Is.EqualTo(LinkState.Connecting));
            AssertCloses(link);
            listener.Stop();
        }

        [Test]
        public void AStrangerIsRefused()
        {
            TcpListener listener = Listener(5);
            var stranger = new Thread(() =>
            {
                using (TcpClient client = listener.AcceptTcpClient())
                {
                    client.GetStream().Write(new byte[64], 0, 64);
                    Thread.Sleep(300);
                }
            });
            stranger.Start();
            Link link = Started(PortOf(listener));
            Assert.That(Comes(link, LinkState.Lost, 5.0));
            Assert.That(link.Status.LastError, Contains.Substring("something else than a bridge"));
            AssertCloses(link);
            stranger.Join();
            listener.Stop();
        }

        [Test]
        public void MessagesThatMeanNothingAreSkipped()
        {
            using (var bridge = new StrangeBridge(SendNonsense))
            {
                Link link = Started(bridge.Port);
                Thread.Sleep(1000);
                Assert.That(link.Status.State, Is.EqualTo(LinkState.Connecting), link.Status.LastError);
                Assert.That(link.Status.LastError, Contains.Substring("another version of the wire"));
                var face = new float[Follower.Count];
                link.Faces.Show(Clock.NowS(), 0, -1.0, face);
                AssertCloses(link);
            }
        }

        static void SendNonsense(System.IO.Stream stream)
        {
            var random = new Random(5);
            for (int i = 0; i < 2000; i++)
            {
                int parts = random.Next(1, 6);
                for (int part = 0; part < parts; part++)
                {
                    var bytes = new byte[random.Next(3) == 0 ? Vocabulary.HeaderBytes : random.Next(600)];
                    random.NextBytes(bytes);
                    if (random.Next(2) == 0 && bytes.Length >= Vocabulary.HeaderBytes) { MakeHeader(bytes, random); }
                    StrangeBridge.Part(stream, bytes, part + 1 < parts, false);
                }
            }
        }

        /// <summary>A header of ours, with a size that may be true.</summary>
        static void MakeHeader(byte[] bytes, Random random)
        {
            for (int i = 0; i < 4; i++) { bytes[i] = (byte)Vocabulary.Magic[i]; }
            bytes[4] = 1;
            bytes[5] = (byte)(random.Next(2) == 0 ? random.Next(1, 5) : random.Next(32, 34));
            bytes[6] = (byte)random.Next(6);
            bytes[8] = (byte)random.Next(256);
            bytes[9] = (byte)random.Next(2);
            bytes[10] = bytes[11] = 0;
        }

        [Test]
        public void APartThatIsTooLargeEndsTheConnection()
        {
            var frame = new byte[] { 2, 0x7F, 0, 0, 0, 0, 0, 0, 0 }; // and says that 2^63 bytes follow, nearly
            using (var bridge = new StrangeBridge(stream => stream.Write(frame, 0, frame.Length)))
            {
                Link link = Started(bridge.Port);
                Assert.That(Comes(link, LinkState.Lost, 5.0));
                Assert.That(link.Status.LastError, Contains.Substring("bytes"));
                AssertCloses(link);
            }
        }

        [Test]
        public void WhatCannotBeAskedIsToldAtOnce()
        {
            Assert.Throws<ArgumentException>(() => new Link(new LinkOptions { Character = "the guard" }, new Wishes()));
            Assert.Throws<ArgumentException>(() => new Link(new LinkOptions { Port = 0 }, new Wishes()));
            Assert.Throws<ArgumentException>(() => new Wishes().SetEmotion("jolly", 0.5));
            var link = new Link(new LinkOptions { Character = "guard" }, new Wishes());
            Assert.Throws<ArgumentException>(() => link.Say(new byte[3], 16000));
            Assert.Throws<ArgumentException>(() => link.Say(new byte[4], 4000));
            link.Close();
        }
    }
}
