using System.Text;

namespace Visavis
{
    /// <summary>
    /// The 96 bytes before every payload (WIRE.md). Read and written in place, again and again, without garbage.
    /// What it does not do: no payload, and no opinion on what a message means.
    /// </summary>
    public sealed class WireHeader
    {
        const int NameBytes = 32;
        const int NameAt = 64;

        /// <summary>What the message is.</summary>
        public Kind Kind;
        /// <summary>What the payload is.</summary>
        public Codec Codec;
        /// <summary>Bits of Flag.</summary>
        public byte Flags;
        /// <summary>Bytes of the payload.</summary>
        public int Size;
        /// <summary>Number of the line; 0: none.</summary>
        public int Line;
        /// <summary>Of the bridge: counts per character and kind. Of requests: a number of our own.</summary>
        public long Sequence;
        /// <summary>16 kHz, the character's clock.</summary>
        public long Sample;
        /// <summary>16 kHz, within the line; -1 between lines.</summary>
        public long LineSample = Vocabulary.NoLine;
        /// <summary>When the server sent it, on its monotonic clock, nanoseconds; 0: unknown.</summary>
        public long SentNs;
        /// <summary>Of pictures.</summary>
        public int WidthPx;
        /// <summary>Of pictures.</summary>
        public int HeightPx;
        /// <summary>Frames, or samples of sound, a second.</summary>
        public int RateHz;

        /// <summary>Takes what stands at `at`; false if these bytes are no header of this version.</summary>
        public bool Read(byte[] bytes, int at, int count)
        {
            if (count < Vocabulary.HeaderBytes) { return false; }
            for (int i = 0; i < Vocabulary.Magic.Length; i++)
            {
                if (bytes[at + i] != Vocabulary.Magic[i]) { return false; }
            }
            if (bytes[at + 4] != Vocabulary.Version) { return false; }
            ulong size = Unsigned(bytes, at + 8, 4);
            if (size > Vocabulary.MessageBytes) { return false; }
            Kind = (Kind)bytes[at + 5];
            Codec = (Codec)bytes[at + 6];
            Flags = bytes[at + 7];
            Size = (int)size;
            Line = (int)Unsigned(bytes, at + 12, 4);
            Sequence = (long)Unsigned(bytes, at + 16, 8);
            Sample = (long)Unsigned(bytes, at + 24, 8);
            LineSample = (long)Unsigned(bytes, at + 32, 8);
            SentNs = (long)Unsigned(bytes, at + 40, 8);
            WidthPx = (int)Unsigned(bytes, at + 48, 2);
            HeightPx = (int)Unsigned(bytes, at + 50, 2);
            RateHz = (int)Unsigned(bytes, at + 52, 4);
            return true;
        }

        /// <summary>Writes all 96 bytes from `at` on.</summary>
        public void Write(byte[] bytes, int at, byte[] character)
        {
            for (int i = 0; i < Vocabulary.HeaderBytes; i++) { bytes[at + i] = 0; }
            for (int i = 0; i < Vocabulary.Magic.Length; i++) { bytes[at + i] = (byte)Vocabulary.Magic[i]; }
            bytes[at + 4] = Vocabulary.Version;
            bytes[at + 5] = (byte)Kind;
            bytes[at + 6] = (byte)Codec;
            bytes[at + 7] = Flags;
            Put(bytes, at + 8, 4, (ulong)Size);
            Put(bytes, at + 12, 4, (ulong)Line);
            Put(bytes, at + 16, 8, (ulong)Sequence);
            Put(bytes, at + 24, 8, (ulong)Sample);
            Put(bytes, at + 32, 8, (ulong)LineSample);
            Put(bytes, at + 40, 8, (ulong)SentNs);
            Put(bytes, at + 48, 2, (ulong)WidthPx);
            Put(bytes, at + 50, 2, (ulong)HeightPx);
            Put(bytes, at + 52, 4, (ulong)RateHz);
            for (int i = 0; i < character.Length && i < NameBytes; i++) { bytes[at + NameAt + i] = character[i]; }
        }

        /// <summary>
        /// The character's name in a header that stands at `at`. Makes a string: not for every frame.
        /// </summary>
        public static string Character(byte[] bytes, int at)
        {
            int count = 0;
            while (count < NameBytes && bytes[at + NameAt + count] != 0) { count++; }
            return Encoding.ASCII.GetString(bytes, at + NameAt, count);
        }

        // By hand and not with BitConverter, which follows the machine.
        static ulong Unsigned(byte[] bytes, int at, int count)
        {
            ulong value = 0;
            for (int i = count - 1; i >= 0; i--) { value = value << 8 | bytes[at + i]; }
            return value;
        }

        static void Put(byte[] bytes, int at, int count, ulong value)
        {
            for (int i = 0; i < count; i++) { bytes[at + i] = (byte)(value >> (8 * i)); }
        }
    }
}
