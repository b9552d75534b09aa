using System;

namespace Visavis
{
    /// <summary>
    /// Writes one JSON value as UTF-8 into a buffer that is used again: no garbage once it is large enough.
    /// Takes objects, texts and numbers: what OPEN and CONTROL need. What it does not do: no check of the nesting.
    /// </summary>
    public sealed class JsonWriter
    {
        const int Decimals = 6;
        const long Scale = 1000000;
        const string Hex = "0123456789abcdef";

        byte[] _bytes = new byte[256];
        bool _first = true;

        /// <summary>What is written; the first Count bytes hold.</summary>
        public byte[] Bytes { get { return _bytes; } }

        /// <summary>Bytes written.</summary>
        public int Count { get; private set; }

        /// <summary>Begins anew.</summary>
        public void Clear()
        {
            Count = 0;
            _first = true;
        }

        /// <summary>{</summary>
        public JsonWriter BeginObject() { return Open('{'); }

        /// <summary>}</summary>
        public JsonWriter EndObject() { return Close('}'); }

        /// <summary>[</summary>
        public JsonWriter BeginArray() { return Open('['); }

        /// <summary>]</summary>
        public JsonWriter EndArray() { return Close(']'); }

        /// <summary>The name of the value that comes next.</summary>
        public JsonWriter Name(string name)
        {
            Text(name);
            Put(':');
            _first = true;
            return this;
        }

        /// <summary>A string; all but ASCII is escaped, so that it fits any reader.</summary>
        public JsonWriter Text(string text)
        {
            Part();
            Put('"');
            foreach (char letter in text)
            {
                if (letter == '"' || letter == '\\') { Put('\\'); }
                if (letter >= ' ' && letter < 127) { Put(letter); }
                else
                {
                    Put('\\');
                    Put('u');
                    for (int shift = 12; shift >= 0; shift -= 4) { Put(Hex[(letter >> shift) & 15]); }
                }
            }
            Put('"');
            return this;
        }

        /// <summary>A number with up to six decimals, |value| below 10^12.</summary>
        public JsonWriter Number(double value)
        {
            if (double.IsNaN(value) || Math.Abs(value) >= 1e12)
            {
                throw new ArgumentOutOfRangeException("value", value, "must be a number below 10^12");
            }
            Part();
            long scaled = (long)Math.Round(Math.Abs(value) * Scale);
            if (value < 0 && scaled > 0) { Put('-'); }
            Digits(scaled / Scale, 1);
            if (scaled % Scale != 0)
            {
                Put('.');
                Digits(scaled % Scale, Decimals);
            }
            return this;
        }

        void Digits(long value, int least)
        {
            long power = 1;
            for (int i = 1; i < least || value / power >= 10; i++) { power *= 10; }
            for (; power > 0; power /= 10) { Put((char)('0' + value / power % 10)); }
        }

        JsonWriter Open(char bracket)
        {
            Part();
            Put(bracket);
            _first = true;
            return this;
        }

        JsonWriter Close(char bracket)
        {
            Put(bracket);
            _first = false;
            return this;
        }

        void Part()
        {
            if (!_first) { Put(','); }
            _first = false;
        }

        void Put(char letter)
        {
            if (Count == _bytes.Length) { Array.Resize(ref _bytes, 2 * Count); }
            _bytes[Count++] = (byte)letter;
        }
    }
}
