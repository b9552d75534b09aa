using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;

namespace Visavis.Tests
{
    /// <summary>The golden files that clients of all languages read: unity_bridge/golden, by VISAVIS_GOLDEN.</summary>
    static class Golden
    {
        /// <summary>The bytes of a file. The test is ignored where the files are not at hand.</summary>
        public static byte[] Bytes(string name)
        {
            string folder = Environment.GetEnvironmentVariable("VISAVIS_GOLDEN");
            if (string.IsNullOrEmpty(folder))
            {
                Assert.Ignore("VISAVIS_GOLDEN does not name the folder of golden files");
            }
            return File.ReadAllBytes(Path.Combine(folder, name));
        }

        /// <summary>The value of a JSON file.</summary>
        public static object Json(string name)
        {
            byte[] bytes = Bytes(name);
            return JsonReader.Read(bytes, bytes.Length);
        }

        /// <summary>Whether two JSON values are the same.</summary>
        public static bool AreSame(object a, object b)
        {
            var members = a as Dictionary<string, object>;
            if (members != null)
            {
                var others = b as Dictionary<string, object>;
                if (others == null || others.Count != members.Count) { return false; }
                foreach (var pair in members)
                {
                    object other;
                    if (!others.TryGetValue(pair.Key, out other) || !AreSame(pair.Value, other)) { return false; }
                }
                return true;
            }
            var items = a as List<object>;
            if (items == null) { return object.Equals(a, b); }
            var more = b as List<object>;
            if (more == null || more.Count != items.Count) { return false; }
            for (int i = 0; i < items.Count; i++) { if (!AreSame(items[i], more[i])) { return false; } }
            return true;
        }
    }
}
