using System;
using UnityEngine;

namespace Visavis
{
    /// <summary>
    /// From a clip to what the bridge takes, and back: int16 mono, little-endian. Main thread only.
    /// </summary>
    static class Sound
    {
        const float Full = 32767.0f;

        /// <summary>
        /// The sound of a clip, its channels mixed. Raises InvalidOperationException where Unity does not give it.
        /// </summary>
        public static byte[] PcmOf(AudioClip clip)
        {
            if (clip == null) { throw new ArgumentNullException("clip", "There is no clip to say."); }
            var samples = new float[clip.samples * clip.channels];
            if (samples.Length == 0 || !clip.GetData(samples, 0))
            {
                throw new InvalidOperationException("The sound of " + clip.name
                    + " cannot be read: set Load Type to Decompress On Load in its import settings.");
            }
            var pcm = new byte[2 * clip.samples];
            for (int i = 0; i < clip.samples; i++)
            {
                float sum = 0.0f;
                for (int channel = 0; channel < clip.channels; channel++)
                {
                    sum += samples[i * clip.channels + channel];
                }
                float value = Math.Max(-1.0f, Math.Min(1.0f, sum / clip.channels));
                var whole = (short)Math.Round(value * Full);
                pcm[2 * i] = (byte)whole;
                pcm[2 * i + 1] = (byte)(whole >> 8);
            }
            return pcm;
        }

        /// <summary>A clip of this sound, to be destroyed after use.</summary>
        public static AudioClip ClipOf(byte[] pcm, int rateHz)
        {
            var samples = new float[Math.Max(1, pcm.Length / 2)];
            for (int i = 0; i < pcm.Length / 2; i++)
            {
                samples[i] = (short)(pcm[2 * i] | pcm[2 * i + 1] << 8) / Full;
            }
            AudioClip clip = AudioClip.Create("Visavis line", samples.Length, 1, rateHz, false);
            clip.SetData(samples, 0);
            return clip;
        }
    }
}
