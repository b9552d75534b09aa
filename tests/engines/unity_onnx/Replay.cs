// Runs the C# of samples/unity_onnx over files of little-endian float32, for tests that compare it with Python:
//   features SAMPLES CHUNK[,CHUNK...] OUT    samples fed in pieces of these sizes, in turn; 64 numbers a frame
//   curves ANSWERS OUT                       12 numbers a frame (silence, 9 channels, 2 closures); 52 curves, shut, touch
using System;
using System.Collections.Generic;
using System.IO;
using Visavis.Samples;

static class Replay
{
    static void Main(string[] arguments)
    {
        float[] input = Read(arguments[1]);
        var output = new List<float>();
        if (arguments[0] == "features")
            Features(input, Array.ConvertAll(arguments[2].Split(','), int.Parse), output);
        else
            Curves(input, output);
        Write(arguments[arguments.Length - 1], output.ToArray());
    }

    static void Features(float[] samples, int[] chunks, List<float> output)
    {
        var features = new SpeechFeatures();
        int at = 0;
        for (int turn = 0; at < samples.Length; turn++)
        {
            int end = Math.Min(samples.Length, at + chunks[turn % chunks.Length]);
            while (features.Step(samples, ref at, end))
                output.AddRange(features.Frame);
        }
    }

    static void Curves(float[] answers, List<float> output)
    {
        var articulation = new ArticulationCurves();
        for (int at = 0; at < answers.Length; at += 12)
        {
            if (!articulation.Step(answers[at], answers, at + 1, answers, at + 10))
                continue;
            var curves = (float[])articulation.Curves.Clone();
            LipClosures.Enforce(curves, articulation.Shut, articulation.Touch);
            output.AddRange(curves);
            output.Add(articulation.Shut);
            output.Add(articulation.Touch);
        }
    }

    static float[] Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var values = new float[bytes.Length / 4];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return values;
    }

    static void Write(string path, float[] values)
    {
        var bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        File.WriteAllBytes(path, bytes);
    }
}
