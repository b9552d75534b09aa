using System;
using System.Collections.Generic;

namespace Visavis
{
    /// <summary>
    /// What is wished of the face: gaze, distance, emotion, liveliness. The newest counts: who changes a wish sixty times a second
    /// sends what stands when the thread of requests comes by. Any thread may use it; no garbage.
    /// </summary>
    public sealed class Wishes
    {
        /// <summary>Furthest the gaze goes to a side, radians.</summary>
        public const double GazeYawMaxRad = 35.0 * Math.PI / 180.0;
        /// <summary>Furthest the gaze goes up or down, radians.</summary>
        public const double GazePitchMaxRad = 25.0 * Math.PI / 180.0;

        static readonly string[] NumberNames = { "distance", "head_gain", "blink_rate" };
        static readonly double[] LeastNumbers = { -1.0, 0.0, 0.0 };
        static readonly double[] MostNumbers = { 1.0, 2.0, 3.0 };

        readonly object _gate = new object();
        readonly double[] _weights = new double[Vocabulary.Emotions.Length];
        readonly double[] _numbers = new double[NumberNames.Length];
        readonly bool[] _hasNumber = new bool[NumberNames.Length];
        readonly bool[] _numberNew = new bool[NumberNames.Length];
        double _yawRad;
        double _pitchRad;
        bool _hasGaze, _hasEmotion;
        bool _gazeNew, _emotionNew;

        /// <summary>
        /// Yaw > 0 to the subject's left, pitch > 0 up, radians; what is too far is cut. (0, 0): at the viewer.
        /// </summary>
        public void SetGaze(double yawRad, double pitchRad)
        {
            lock (_gate)
            {
                _yawRad = Limited(yawRad, GazeYawMaxRad);
                _pitchRad = Limited(pitchRad, GazePitchMaxRad);
                _hasGaze = _gazeNew = true;
            }
        }

        /// <summary>-1..1 head widths; > 0 is further away.</summary>
        public void SetDistance(double distance)
        {
            SetNumber(0, distance);
        }

        /// <summary>How much the head moves, 0..2; 0: it keeps still.</summary>
        public void SetHeadGain(double gain)
        {
            SetNumber(1, gain);
        }

        /// <summary>How often the eyes blink, 0..3; 0: never.</summary>
        public void SetBlinkRate(double rate)
        {
            SetNumber(2, rate);
        }

        /// <summary>One of Vocabulary.Emotions, 0..1; the others stay. Raises ArgumentException.</summary>
        public void SetEmotion(string name, double weight)
        {
            int at = Array.IndexOf(Vocabulary.Emotions, name);
            if (at < 0)
            {
                throw new ArgumentException("There is no emotion " + name + "; take one of "
                    + string.Join(", ", Vocabulary.Emotions) + ".", "name");
            }
            lock (_gate)
            {
                _weights[at] = Math.Max(0.0, Limited(weight, 1.0));
                _hasEmotion = _emotionNew = true;
            }
        }

        /// <summary>All are to be told again: the bridge may have forgotten them.</summary>
        internal void Repeat()
        {
            lock (_gate)
            {
                _gazeNew = _hasGaze;
                _emotionNew = _hasEmotion;
                Array.Copy(_hasNumber, _numberNew, _numberNew.Length);
            }
        }

        /// <summary>Writes what has changed as the payload of CONTROL; false: nothing has. It counts as told.</summary>
        internal bool Take(JsonWriter json)
        {
            lock (_gate)
            {
                if (!_gazeNew && !_emotionNew && Array.IndexOf(_numberNew, true) < 0) { return false; }
                json.Clear();
                json.BeginObject();
                if (_gazeNew)
                {
                    json.Name("gaze").BeginArray();
                    json.Number(_yawRad).Number(_pitchRad);
                    json.EndArray();
                }
                for (int i = 0; i < _numbers.Length; i++)
                {
                    if (_numberNew[i]) { json.Name(NumberNames[i]).Number(_numbers[i]); }
                    _numberNew[i] = false;
                }
                if (_emotionNew) { WriteEmotion(json); }
                json.EndObject();
                _gazeNew = _emotionNew = false;
                return true;
            }
        }

        void SetNumber(int which, double value)
        {
            lock (_gate)
            {
                double finite = double.IsNaN(value) ? 0.0 : value;
                double limited = Math.Max(LeastNumbers[which], Math.Min(MostNumbers[which], finite));
                if (_hasNumber[which] && _numbers[which] == limited) { return; }
                _numbers[which] = limited;
                _hasNumber[which] = _numberNew[which] = true;
            }
        }

        void WriteEmotion(JsonWriter json)
        {
            json.Name("emotion").BeginObject();
            for (int i = 0; i < _weights.Length; i++)
            {
                if (_weights[i] > 0.0) { json.Name(Vocabulary.Emotions[i]).Number(_weights[i]); }
            }
            json.EndObject();
        }

        static double Limited(double value, double most)
        {
            return double.IsNaN(value) ? 0.0 : Math.Max(-most, Math.Min(most, value));
        }
    }
}
