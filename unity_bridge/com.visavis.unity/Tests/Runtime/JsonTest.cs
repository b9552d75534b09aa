using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;

namespace Visavis.Tests
{
    /// <summary>What is written is read; what is no JSON is refused, and never more than that.</summary>
    [TestFixture]
    public class JsonTest
    {
        static object Again(JsonWriter json)
        {
            return JsonReader.Read(json.Bytes, json.Count);
        }

        [Test]
        public void WrittenValuesAreRead()
        {
            var json = new JsonWriter();
            json.BeginObject();
            json.Name("text").Text("Größe \"A\\B\"\n");
            json.Name("numbers").BeginArray();
            foreach (double number in new[] { 0.0, -0.25, 1234567.5, 0.000001, -1e-9, 16000 }) { json.Number(number); }
            json.EndArray();
            json.EndObject();
            object value = Again(json);
            Assert.That(JsonReader.TextOf(value, "text"), Is.EqualTo("Größe \"A\\B\"\n"));
            var numbers = new List<object> { 0.0, -0.25, 1234567.5, 0.000001, 0.0, 16000.0 };
            Assert.That(JsonReader.Of(value, "numbers"), Is.EqualTo(numbers));
        }

        [Test]
        public void WhatIsNoNumberIsNotWritten()
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new JsonWriter().Number(double.NaN));
            Assert.Throws<ArgumentOutOfRangeException>(() => new JsonWriter().Number(double.PositiveInfinity));
        }

        [Test]
        public void BrokenTextsAreRefused()
        {
            foreach (string text in new[]
            {
                "", "{", "[1,", "{\"a\"}", "{\"a\":}", "nul", "\"a", "\"\\u12\"", "\"\\x\"", "1 2", "[1,]", "-",
                "\u0001", new string('[', 100) + new string(']', 100),
            })
            {
                Assert.Throws<FormatException>(() => JsonReader.Read(text), text);
            }
        }

        [Test]
        public void BrokenBytesOfMessagesAreRefusedOrRead()
        {
            byte[] names = Encoding.UTF8.GetBytes(
                "{\"state\":\"live\",\"latency_ms\":100.0,\"lines\":{\"7\":\"LINE_STARTED\"}}");
            var random = new Random(3);
            for (int i = 0; i < 5000; i++)
            {
                var broken = (byte[])names.Clone();
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
                try { JsonReader.Read(broken, random.Next(broken.Length + 1)); }
                catch (FormatException) { }
            }
        }
    }
}
