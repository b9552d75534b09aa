using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using UnityEngine;

namespace Visavis.Tests
{
    /// <summary>
    /// The server and the bridge that the test's driver runs: where they are, and how to kill and start them.
    /// </summary>
    static class Stack
    {
        /// <summary>The bridge's port of requests.</summary>
        public static int Port { get { return int.Parse(Variable("VISAVIS_PORT"), CultureInfo.InvariantCulture); } }

        /// <summary>Real speech, int16 mono at 16 kHz.</summary>
        public static byte[] Speech { get { return File.ReadAllBytes(Variable("VISAVIS_SPEECH")); } }

        /// <summary>
        /// jawOpen of that line as the server makes it in a burst: pairs of line sample and value, float32.
        /// </summary>
        public static float[] Jaw
        {
            get
            {
                byte[] bytes = File.ReadAllBytes(Variable("VISAVIS_JAW"));
                var jaw = new float[bytes.Length / 4];
                Buffer.BlockCopy(bytes, 0, jaw, 0, bytes.Length);
                return jaw;
            }
        }

        /// <summary>
        /// kill_server, start_server, kill_bridge, start_bridge, stop_bridge, continue_bridge; returns when it is done.
        /// </summary>
        public static void Do(string what)
        {
            int port = int.Parse(Variable("VISAVIS_CONTROL"), CultureInfo.InvariantCulture);
            using (var client = new TcpClient("127.0.0.1", port))
            using (var reader = new StreamReader(client.GetStream()))
            using (var writer = new StreamWriter(client.GetStream()))
            {
                writer.WriteLine(what);
                writer.Flush();
                string answer = reader.ReadLine();
                if (answer != "done") { throw new IOException(what + ": " + answer); }
            }
        }

        /// <summary>A figure for the report of the tests.</summary>
        public static void Report(string name, double value)
        {
            File.AppendAllText(Variable("VISAVIS_FIGURES"),
                name + "\t" + value.ToString("0.####", CultureInfo.InvariantCulture) + "\n");
        }

        /// <summary>A source of this character that says nothing yet, with an AudioSource.</summary>
        public static VisavisSource Source(Scene scene, string character)
        {
            var source = scene.Add<VisavisSource>();
            source.port = Port;
            source.character = character;
            source.seed = 3;
            source.audioSource = scene.Add<AudioSource>();
            return source;
        }

        static string Variable(string name)
        {
            string value = Environment.GetEnvironmentVariable(name);
            if (string.IsNullOrEmpty(value))
            {
                throw new InvalidOperationException(name + " is not set: run tests/engines/test_unity.py");
            }
            return value;
        }
    }
}
