using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Visavis
{
    /// <summary>
    /// Reads one JSON value: Dictionary, List, string, double, bool or null. For the few payloads that are not numbers:
    /// events, answers, NAMES. Raises FormatException, also where values are nested too deep.
    /// </summary>
    public sealed class JsonReader
    {
        const int DepthMost = 16;

        readonly string _text;
        int _at;

        JsonReader(string text)
        {
            _text = text;
        }

        /// <summary>The value of the first `count` bytes, UTF-8.</summary>
        public static object Read(byte[] bytes, int count)
        {
            return Read(Encoding.UTF8.GetString(bytes, 0, count));
        }

        /// <summary>The value of a text.</summary>
        public static object Read(string text)
        {
            var reader = new JsonReader(text);
            object value = reader.Value(0);
            reader.Space();
            if (reader._at != text.Length) { throw reader.Wrong("the end"); }
            return value;
        }

        /// <summary>The text under a name of an object; "" if there is none.</summary>
        public static string TextOf(object value, string name)
        {
            return Of(value, name) as string ?? "";
        }

        /// <summary>The number under a name of an object; `other` if there is none.</summary>
        public static double NumberOf(object value, string name, double other)
        {
            object found = Of(value, name);
            return found is double ? (double)found : other;
        }

        /// <summary>What stands under a name of an object; null if nothing does.</summary>
        public static object Of(object value, string name)
        {
            var members = value as Dictionary<string, object>;
            object found;
            return members != null && members.TryGetValue(name, out found) ? found : null;
        }

        object Value(int depth)
        {
            if (depth > DepthMost) { throw new FormatException("JSON is nested deeper than " + DepthMost + "."); }
            Space();
            char letter = Peek();
            if (letter == '{') { return Members(depth); }
            if (letter == '[') { return Items(depth); }
            if (letter == '"') { return Text(); }
            if (letter == '-' || (letter >= '0' && letter <= '9')) { return Number(); }
            if (Word("true")) { return true; }
            if (Word("false")) { return false; }
            if (Word("null")) { return null; }
            throw Wrong("a value");
        }

        Dictionary<string, object> Members(int depth)
        {
            var members = new Dictionary<string, object>();
            Expect('{');
            if (Next('}')) { return members; }
            do
            {
                Space();
                string name = Text();
                Space();
                Expect(':');
                members[name] = Value(depth + 1);
            }
            while (Next(','));
            Space();
            Expect('}');
            return members;
        }

        List<object> Items(int depth)
        {
            var items = new List<object>();
            Expect('[');
            if (Next(']')) { return items; }
            do { items.Add(Value(depth + 1)); }
            while (Next(','));
            Space();
            Expect(']');
            return items;
        }

        string Text()
        {
            Expect('"');
            var text = new StringBuilder();
            while (Peek() != '"')
            {
                char letter = _text[_at++];
                if (letter < ' ') { throw Wrong("a text"); }
                text.Append(letter == '\\' ? Escaped() : letter);
            }
            _at++;
            return text.ToString();
        }

        char Escaped()
        {
            char letter = Peek();
            _at++;
            switch (letter)
            {
                case '"': case '\\': case '/': return letter;
                case 'b': return '\b';
                case 'f': return '\f';
                case 'n': return '\n';
                case 'r': return '\r';
                case 't': return '\t';
            }
            ushort code;
            if (letter != 'u' || _at + 4 > _text.Length
                || !ushort.TryParse(_text.Substring(_at, 4), NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture, out code))
            {
                throw Wrong("an escape");
            }
            _at += 4;
            return (char)code;
        }

        double Number()
        {
            int from = _at;
            while (_at < _text.Length && "+-.0123456789eE".IndexOf(_text[_at]) >= 0) { _at++; }
            double value;
            if (!double.TryParse(_text.Substring(from, _at - from), NumberStyles.Float, CultureInfo.InvariantCulture,
                out value))
            {
                throw Wrong("a number");
            }
            return value;
        }

        bool Word(string word)
        {
            if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0) { return false; }
            _at += word.Length;
            return true;
        }

        bool Next(char letter)
        {
            Space();
            if (Peek() != letter) { return false; }
            _at++;
            return true;
        }

        void Space()
        {
            while (_at < _text.Length && " \t\r\n".IndexOf(_text[_at]) >= 0) { _at++; }
        }

        char Peek()
        {
            if (_at >= _text.Length) { throw Wrong("more"); }
            return _text[_at];
        }

        void Expect(char letter)
        {
            if (Peek() != letter) { throw Wrong("'" + letter + "'"); }
            _at++;
        }

        FormatException Wrong(string wanted)
        {
            return new FormatException("JSON has something else than " + wanted + " at " + _at + ".");
        }
    }
}
